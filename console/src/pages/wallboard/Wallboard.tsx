import { ActionIcon, SimpleGrid } from '@mantine/core';
import { useFullscreen } from '@mantine/hooks';
import { lazy, Suspense, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Operator, OperatorState, QueueLive } from '../../api/client';
import { useOperators, useQueues } from '../../api/queries';
import { Icon } from '../../widgets/Icon';
import { Failure, Loading, Page } from '../../widgets/Page';
import { STATE_TONES } from '../../widgets/StatePill';
import { duration } from '../../widgets/time';
import { Freshness } from './Freshness';
import { TARGET_S, useHour } from './hour';
import { above, below, LimitsEditor, useLimits } from './limits';
import classes from './Wallboard.module.css';

const HourChart = lazy(() => import('./HourChart'));

const SHOWN: OperatorState[] = ['available', 'ringing', 'talking', 'wrap_up', 'paused', 'unreachable'];
const COUNTS_AS: Partial<Record<OperatorState, OperatorState>> = { reserved: 'ringing', on_hold: 'talking' };

/** A few huge numbers for a screen on the wall. States are counted, nobody is named. */
export default function Wallboard() {
  const { t } = useTranslation();
  const queues = useQueues();
  const operators = useOperators();
  const hour = useHour();
  const { ref, toggle, fullscreen } = useFullscreen();
  const { limits, setLimits } = useLimits();
  if (queues.isPending || operators.isPending) return queues.isError ? <Failure error={queues.error} /> : <Loading />;
  if (queues.data === undefined) return <Failure error={queues.error} retry={() => void queues.refetch()} />;
  const waiting = queues.data.reduce((sum, queue) => sum + queue.waiting, 0);
  const oldest = Math.max(0, ...queues.data.map((queue) => queue.oldest_wait_s));
  const level = hour.data?.level ?? null;
  return (
    <div ref={ref} className={classes.board} data-fullscreen={fullscreen || undefined}>
      <Page
        title={t('wall.title')}
        actions={
          <>
            <Freshness at={queues.dataUpdatedAt} />
            <LimitsEditor limits={limits} onChange={setLimits} />
            <ActionIcon variant="default" size="lg" aria-label={t('wall.full')} onClick={() => void toggle()}>
              <Icon name="maximize" />
            </ActionIcon>
          </>
        }
      >
        <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
          <Figure name={t('wall.waiting')} tone={above(waiting, limits.waiting)} test="waiting">
            {waiting}
          </Figure>
          <Figure name={t('wall.oldest')} tone={above(oldest, limits.oldest)} test="oldest">
            {waiting > 0 ? duration(oldest) : '–'}
          </Figure>
          <Figure
            name={t('wall.level')}
            note={t('wall.levelNote', { target: TARGET_S, offered: hour.data?.offered ?? 0 })}
            tone={level === null ? undefined : below(100 * level, limits.level)}
            test="level"
          >
            {level === null ? '–' : `${Math.round(level * 100)}%`}
          </Figure>
          <Figure name={t('wall.abandoned')} note={t('wall.lastHour')} test="abandoned">
            {hour.data?.abandoned ?? '–'}
          </Figure>
        </SimpleGrid>
        <States operators={operators.data ?? []} />
        <Lines queues={queues.data} />
        {hour.data ? (
          <section className="card" style={{ padding: '14px 16px' }}>
            <h2 className={classes.heading}>{t('wall.chart')}</h2>
            <Suspense fallback={<Loading />}>
              <HourChart slots={hour.data.slots} />
            </Suspense>
          </section>
        ) : null}
      </Page>
    </div>
  );
}

function Figure({ name, note, tone, test, children }: {
  name: string;
  note?: string;
  tone?: 'warn' | 'bad';
  test: string;
  children: ReactNode;
}) {
  return (
    <div className={`card ${classes.figure}`} data-tone={tone} data-figure={test}>
      <div className={classes.name}>
        {tone ? <Icon name="alert" size={16} /> : null}
        {name}
      </div>
      <div className={classes.value}>{children}</div>
      <div className={classes.note}>{note}</div>
    </div>
  );
}

function States({ operators }: { operators: Operator[] }) {
  const { t } = useTranslation();
  const counts = new Map<OperatorState, number>();
  for (const { state } of operators) {
    const counted = COUNTS_AS[state] ?? state;
    counts.set(counted, (counts.get(counted) ?? 0) + 1);
  }
  return (
    <section aria-label={t('wall.operators')} className={`card ${classes.states}`}>
      {SHOWN.map((state) => (
        <div key={state} className={classes.state} data-state={state} data-empty={!counts.get(state) || undefined}>
          <span className={classes.count} style={{ color: counts.get(state) ? `var(--${STATE_TONES[state]})` : undefined }}>
            {counts.get(state) ?? 0}
          </span>
          <span className={classes.word}>{t(`state.${state}`)}</span>
        </div>
      ))}
    </section>
  );
}

function Lines({ queues }: { queues: QueueLive[] }) {
  const { t } = useTranslation();
  const sorted = [...queues].sort((a, b) => b.oldest_wait_s - a.oldest_wait_s || a.name.localeCompare(b.name));
  return (
    <section className="card scroll-x" tabIndex={0} aria-label={t('nav.queues')}>
      <table className={classes.lines}>
        <thead>
          <tr>
            <th scope="col">{t('queue.name')}</th>
            <th scope="col">{t('wall.waiting')}</th>
            <th scope="col">{t('wall.oldest')}</th>
            <th scope="col">{t('queue.free')}</th>
            <th scope="col">{t('queue.signedIn')}</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((queue) => (
            <tr key={queue.id} data-queue={queue.id}>
              <th scope="row" className="foreign">
                {queue.name}
              </th>
              <td data-warn={queue.waiting > 0 || undefined}>{queue.waiting}</td>
              <td data-warn={queue.oldest_wait_s > TARGET_S || undefined}>
                {queue.waiting > 0 ? duration(queue.oldest_wait_s) : '–'}
              </td>
              <td>{queue.operators_available}</td>
              <td>{queue.operators_signed_in}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
