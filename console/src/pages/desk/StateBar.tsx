import { Button, Group, Kbd, Menu, Progress, Text } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Operator } from '../../api/client';
import { useOperatorActs, type WantedState } from '../../api/queries';
import { Icon } from '../../widgets/Icon';
import { StatePill, Tag } from '../../widgets/StatePill';
import { tellDone, tellFailed } from '../../widgets/tell';
import { duration, useSecond } from '../../widgets/time';
import { REASONS, reasonWord, type Reason } from './reasons';
import classes from './Desk.module.css';

const ON_A_CALL: Operator['state'][] = ['reserved', 'ringing', 'talking', 'on_hold'];

/** The operator's own state: what it is, for how long, and what it can become. */
export function StateBar({ operator }: { operator: Operator }) {
  const { t } = useTranslation();
  const { state: acts } = useOperatorActs(operator.extension);
  const [pausing, setPausing] = useState(false);
  // On a narrow screen an offer leaves no room for what is to be after it.
  const ringing = operator.state === 'reserved' || operator.state === 'ringing';
  const onCall = ON_A_CALL.includes(operator.state);
  const signedIn = operator.state !== 'signed_out';
  const canReady = operator.state === 'paused' || operator.state === 'wrap_up';

  function want(state: WantedState, reason?: string) {
    acts.mutate(
      { state, reason },
      {
        onSuccess: (now) => {
          if (onCall && now.state !== state) tellDone(t('desk.afterCall'));
        },
        onError: (error) => tellFailed(t('failure.conflict'), error),
      },
    );
  }

  useHotkeys([
    ['alt+R', () => (canReady || !signedIn) && want('available')],
    ['alt+P', () => signedIn && setPausing(true)],
  ]);

  return (
    <section className={`card ${classes.bar}`} aria-label={t('desk.state')}>
      <div className={classes.state} aria-live="polite">
        <StatePill operator={operator} large />
        <StateHint operator={operator} />
        <Pending operator={operator} onUndo={() => want('available')} />
      </div>
      <Group gap="xs" visibleFrom={ringing ? 'sm' : undefined}>
        {operator.state === 'wrap_up' ? <MoreTime operator={operator} /> : null}
        {signedIn ? null : (
          <Button size="md" leftSection={<Icon name="headset" />} loading={acts.isPending} onClick={() => want('available')}>
            {t('desk.signIn')}
          </Button>
        )}
        {canReady ? (
          <Button size="md" leftSection={<Icon name="check" />} loading={acts.isPending} onClick={() => want('available')}>
            {t('desk.ready')} <Kbd ml={8} size="xs" className={classes.key}>Alt R</Kbd>
          </Button>
        ) : null}
        {signedIn ? (
          <>
            <PauseMenu opened={pausing} onChange={setPausing} afterCall={onCall} onPick={(reason) => want('paused', reason)} />
            <Button size="md" variant="subtle" color="gray" className={classes.plain} leftSection={<Icon name="logout" />} onClick={() => want('signed_out')}>
              {onCall ? t('desk.signOutAfter') : t('desk.signOut')}
            </Button>
          </>
        ) : null}
      </Group>
    </section>
  );
}

/** One line under the state that says what to expect of it. */
function StateHint({ operator }: { operator: Operator }) {
  const { t } = useTranslation();
  if (operator.state === 'wrap_up') return <WrapUp operator={operator} />;
  if (operator.state === 'paused' && operator.pause_until !== null) return <PauseTime reason={operator.reason} until={operator.pause_until} />;
  const hints: Partial<Record<Operator['state'], string>> = {
    paused: operator.reason ? reasonWord(t, operator.reason) : undefined,
    available: t('desk.hint.available'),
    signed_out: t('desk.hint.signedOut'),
    unreachable: t('desk.hint.unreachable', { extension: operator.extension }),
  };
  const hint = hints[operator.state];
  return hint === undefined ? null : <Text size="sm" className="quiet foreign">{hint}</Text>;
}

/** Until when the pause is planned, or by how much it is over: a word, no alarm. */
function PauseTime({ reason, until }: { reason: string; until: string }) {
  const { t, i18n } = useTranslation();
  const over = useSecond() - Math.floor(Date.parse(until) / 1000);
  const at = new Date(until).toLocaleTimeString(i18n.language, { hour: '2-digit', minute: '2-digit' });
  return (
    <Text size="sm" className="quiet figures foreign" data-pause={over > 0 ? 'over' : 'planned'}>
      {over > 0 ? t('own.pauseOver', { reason: reasonWord(t, reason), over: duration(over) }) : t('own.pauseUntil', { reason: reasonWord(t, reason), at })}
    </Text>
  );
}

/** How much of the wrap-up is left; a form that is owed holds it open. */
function WrapUp({ operator }: { operator: Operator }) {
  const { t } = useTranslation();
  const now = useSecond();
  if (operator.owes !== null) return <Text size="sm" fw={560} c="var(--ring)">{t('own.owes')}</Text>;
  const until = operator.wrap_up_until === null ? 0 : Date.parse(operator.wrap_up_until) / 1000;
  const whole = Math.max(1, until - Date.parse(operator.since) / 1000);
  const left = Math.max(0, until - now);
  return (
    <div className={classes.wrap}>
      <Progress value={(100 * left) / whole} color="violet" size="sm" aria-label={t('desk.wrapUpLeft')} />
      <Text size="sm" className="quiet figures">
        {left > 0 ? t('desk.hint.wrapUp', { left: duration(left) }) : t('desk.hint.wrapUpLong')}
      </Text>
    </div>
  );
}

const MORE_MIN = 2;

/** The paper work takes longer. */
function MoreTime({ operator }: { operator: Operator }) {
  const { t } = useTranslation();
  const { wrapUp } = useOperatorActs(operator.extension);
  return (
    <Button size="md" variant="default" leftSection={<Icon name="hourglass" />} loading={wrapUp.isPending} onClick={() => wrapUp.mutate(60 * MORE_MIN, { onError: (error) => tellFailed(t('failure.conflict'), error) })} title={t('own.more')}>
      {t('own.moreBy', { minutes: MORE_MIN })}
    </Button>
  );
}

/** What was asked for during the call and becomes true after it. */
function Pending({ operator, onUndo }: { operator: Operator; onUndo: () => void }) {
  const { t } = useTranslation();
  const { extension, pending } = operator;
  if (pending === null) return null;
  const words =
    pending.state === 'paused'
      ? t('own.pending.paused', { reason: reasonWord(t, pending.reason) })
      : t(pending.state === 'signed_out' ? 'own.pending.signed_out' : 'own.pending.available');
  return (
    <span data-pending={pending.state}>
      <Tag tone="ring">
        <Icon name="clock" size={14} /> {words} {pending.by === extension ? '' : t('own.pendingBy', { by: pending.by })}
      </Tag>{' '}
      <Button size="compact-xs" variant="subtle" onClick={onUndo}>
        {t('own.takeBack')}
      </Button>
    </span>
  );
}

function PauseMenu({ opened, onChange, afterCall, onPick }: {
  opened: boolean;
  onChange: (opened: boolean) => void;
  afterCall: boolean;
  onPick: (reason: Reason) => void;
}) {
  const { t } = useTranslation();
  return (
    <Menu opened={opened} onChange={onChange} position="bottom-start" width={240}>
      <Menu.Target>
        <Button size="md" variant="default" leftSection={<Icon name="pause" />}>
          {afterCall ? t('desk.pauseAfter') : t('desk.pause')} <Kbd ml={8} size="xs">Alt P</Kbd>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(REASONS) as Reason[]).map((reason) => (
          <Menu.Item key={reason} leftSection={<Icon name={REASONS[reason]} size={16} />} onClick={() => onPick(reason)}>
            {t(`reason.${reason}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
