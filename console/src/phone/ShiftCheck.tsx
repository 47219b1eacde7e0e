import { Button, Checkbox, Modal, Stack, Text, Title } from '@mantine/core';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../widgets/Icon';
import { Score } from './CallBar';
import { MicrophoneCheck } from './MicrophoneCheck';
import { relayOnly, setRelayOnly } from './place';
import type { Quality } from './quality';
import { playOnce } from './ring';
import { call, hangUp, usePhone } from './softphone';

/** The PBX plays back what it hears: dialled to try line and headset. */
const ECHO = '600';
const TRY_S = 8;
const KEPT = 'ramal.checked';

function today(): string {
  return new Date().toDateString();
}

/** Whether microphone, loudspeaker and line were found well on this machine today. */
export function checkedToday(): boolean {
  return localStorage.getItem(KEPT) === today();
}

/** Microphone, loudspeaker and network, tried before callers suffer from them. */
export function ShiftCheck({ relay, onClose }: { relay: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const [heard, setHeard] = useState(false);
  const hear = useCallback(() => setHeard(true), []);
  const [relayed, setRelayed] = useState(relayOnly());

  function finish(quality: Quality | null) {
    if (heard && quality !== null && quality.mos >= 3.3) localStorage.setItem(KEPT, today());
  }

  return (
    <Modal opened onClose={onClose} title={t('check.title')} closeButtonProps={{ 'aria-label': t('do.close') }}>
      <Stack>
        <section aria-label={t('check.microphone')}>
          <Title order={3} size="h4" mb={6}>
            {t('check.microphone')}
          </Title>
          <MicrophoneCheck onHeard={hear} />
        </section>
        <section aria-label={t('check.speaker')}>
          <Title order={3} size="h4" mb={6}>
            {t('check.speaker')}
          </Title>
          <Button variant="default" leftSection={<Icon name="volume" size={16} />} onClick={playOnce}>
            {t('check.play')}
          </Button>
        </section>
        <section aria-label={t('check.network')}>
          <Title order={3} size="h4" mb={6}>
            {t('check.network')}
          </Title>
          <LineTry onMeasured={finish} />
        </section>
        {relay ? (
          <Checkbox
            label={t('check.relay')}
            checked={relayed}
            onChange={(event) => {
              setRelayOnly(event.currentTarget.checked);
              setRelayed(event.currentTarget.checked);
            }}
          />
        ) : null}
      </Stack>
    </Modal>
  );
}

/** A call to the echo: what comes back is measured as a talk is. */
function LineTry({ onMeasured }: { onMeasured: (quality: Quality | null) => void }) {
  const { t } = useTranslation();
  const phone = usePhone();
  const [left, setLeft] = useState<number | null>(null);
  const [result, setResult] = useState<Quality | 'failed' | null>(null);
  const quality = phone.call?.quality ?? null;
  const talking = phone.call?.state === 'talking';

  useEffect(() => {
    if (left === null) return undefined;
    if (left > 0 && (phone.call !== null || left > TRY_S - 2)) {
      const tick = setTimeout(() => setLeft(left - 1), 1000);
      return () => clearTimeout(tick);
    }
    const measured = talking && quality?.heard ? quality : null;
    setResult(measured ?? 'failed');
    onMeasured(measured);
    setLeft(null);
    hangUp();
    return undefined;
  }, [left]);

  function start() {
    setResult(null);
    setLeft(TRY_S);
    call(ECHO);
  }

  if (phone.line !== 'registered') {
    return (
      <Text size="sm" className="quiet">
        {t('check.needLine')}
      </Text>
    );
  }
  const word = result === null || result === 'failed' ? null : result.mos >= 3.9 ? 'good' : result.mos >= 3.3 ? 'fair' : 'bad';
  return (
    <Stack gap="xs">
      <Button variant="default" leftSection={<Icon name="signal" size={16} />} disabled={left !== null || phone.call !== null} onClick={start}>
        {left === null ? t('check.try') : t('check.trying', { left })}
      </Button>
      <div role="status" data-line-check={result === 'failed' ? 'failed' : (word ?? undefined)}>
        {result === 'failed' ? <Text c="var(--bad)">{t('check.failed')}</Text> : null}
        {word !== null && result !== null && result !== 'failed' ? (
          <>
            <Text>{t(`check.${word}`)}</Text>
            <Score quality={result} />
            {result.way ? (
              <Text size="sm" className="quiet">
                {t('check.path', { way: t(`check.ways.${result.way}`) })}
              </Text>
            ) : null}
          </>
        ) : null}
      </div>
    </Stack>
  );
}
