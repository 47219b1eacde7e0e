import { ActionIcon, Button, Popover, SimpleGrid, Text } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../widgets/Icon';
import { Elapsed } from '../widgets/time';
import classes from './Phone.module.css';
import type { Quality } from './quality';
import { answer, forget, hangUp, press, toggleHold, toggleMute, usePhone } from './softphone';
import { useMending } from './useMending';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

/** The call in the browser, on every page: answer, mute, hold, keys, hang up. */
export function CallBar() {
  const { t } = useTranslation();
  const { call } = usePhone();
  useMending();
  const ringing = call?.state === 'ringing';
  useHotkeys([
    ['alt+A', () => ringing && call.direction === 'incoming' && answer()],
    ['alt+H', () => call && hangUp()],
    ['alt+M', () => call && toggleMute()],
  ]);
  useEffect(() => forget, []);
  useEffect(() => {
    if (call === null) return undefined;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [call === null]);
  if (call === null) return null;
  return (
    <section className={classes.bar} data-ringing={ringing || undefined} data-phone-call={call.state} aria-label={t('phone.call')}>
      <div className={classes.who} role={ringing ? 'alert' : undefined}>
        <Text size="xs" className="quiet">
          {ringing ? (call.direction === 'incoming' ? t('desk.ringing') : t('phone.calling')) : call.held ? t('state.on_hold') : t('desk.talkingWith')}
        </Text>
        <Text fw={640} className="foreign">
          {call.number}
        </Text>
      </div>
      {call.since ? (
        <Text className="figures">
          <Elapsed since={call.since} />
        </Text>
      ) : null}
      {call.quality ? <Score quality={call.quality} /> : null}
      {ringing && call.direction === 'incoming' ? (
        <Button color="green.9" leftSection={<Icon name="phone" />} onClick={answer} autoFocus>
          {t('phone.answer')}
        </Button>
      ) : null}
      {call.state === 'talking' ? (
        <>
          <Toggle on={call.muted} name={call.muted ? t('phone.unmute') : t('phone.mute')} icon={call.muted ? 'micOff' : 'mic'} act={toggleMute} />
          <Toggle on={call.held} name={call.held ? t('phone.unhold') : t('phone.hold')} icon={call.held ? 'play' : 'pause'} act={toggleHold} />
          <Keypad />
        </>
      ) : null}
      <Button color="red.8" leftSection={<Icon name="phoneOff" />} onClick={hangUp}>
        {ringing && call.direction === 'incoming' ? t('phone.decline') : t('phone.hangUp')}
      </Button>
    </section>
  );
}

function Toggle({ on, name, icon, act }: { on: boolean; name: string; icon: 'mic' | 'micOff' | 'pause' | 'play'; act: () => void }) {
  return (
    <ActionIcon size="lg" variant={on ? 'filled' : 'default'} aria-label={name} title={name} aria-pressed={on} onClick={act}>
      <Icon name={icon} />
    </ActionIcon>
  );
}

function Keypad() {
  const { t } = useTranslation();
  return (
    <Popover position="top" withArrow trapFocus>
      <Popover.Target>
        <ActionIcon size="lg" variant="default" aria-label={t('phone.keypad')} title={t('phone.keypad')}>
          <Icon name="keypad" />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <SimpleGrid cols={3} spacing={6}>
          {KEYS.map((key) => (
            <Button key={key} variant="default" size="md" px={18} onClick={() => press(key)}>
              {key}
            </Button>
          ))}
        </SimpleGrid>
      </Popover.Dropdown>
    </Popover>
  );
}

/** The score in a word, with the figures behind it. */
export function Score({ quality }: { quality: Quality }) {
  const { t } = useTranslation();
  const word = quality.mos >= 3.9 ? 'good' : quality.mos >= 3.3 ? 'fair' : 'bad';
  const figures = t('phone.figures', {
    loss: (quality.loss * 100).toFixed(1),
    jitter: Math.round(quality.jitter_ms),
    trip: Math.round(quality.round_trip_ms),
  });
  return (
    <span className={classes.score} data-quality={word} title={figures}>
      <Icon name="signal" size={16} /> {t(`phone.quality.${word}`)} <b>{quality.mos.toFixed(1)}</b>
    </span>
  );
}
