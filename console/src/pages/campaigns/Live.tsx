import { Progress, SimpleGrid, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schemas } from '../../api/client';
import { serverNow } from '../../api/live';
import { Icon } from '../../widgets/Icon';
import { Failure, Loading } from '../../widgets/Page';
import { Moment } from '../../widgets/time';
import { Freshness } from '../wallboard/Freshness';
import wall from '../wallboard/Wallboard.module.css';
import type { Campaign } from './Campaigns';
import classes from './Campaigns.module.css';

const PaceChart = lazy(() => import('./PaceChart'));

type Stats = Schemas['StatsOut'];
/** What is remembered of one second. */
export type Sample = [at_s: number, ringing: number, talking: number, free: number];
const KEPT_S = 600;
const HELD = [
  'paused',
  'stopped',
  'finished',
  'no_operators',
  'no_caller_id',
  'outside_hours',
  'time_zone_unknown',
  'clock_not_trusted',
  'pbx_away',
  'store_away',
  'do_not_call',
  'attempt_cap',
  'blackout_after_drop',
  'no_contact_due',
  'being_dialled',
  'toll_trunk_calls',
  'toll_trunk_spend',
  'trunk_full',
  'trunk_pace',
  'trunk_down',
  'abandon_cap',
  'short_calls',
] as const;
/** Rules whose numbers are shares. */
const SHARES = ['abandon_cap', 'short_calls'];
const STATES = ['ready', 'personal', 'dialing', 'done', 'excluded'] as const;
const COLOURS = { ready: 'gray.5', personal: 'violet.6', dialing: 'orange.6', done: 'ramal.7', excluded: 'red.6' } as const;

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)}%`;
}

/** The campaign's present second, asked anew each second. */
export function Live({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const found = useQuery({
    queryKey: ['campaign-stats', campaign.id],
    queryFn: () => ask(api.GET('/api/v1/campaigns/{id}/stats', { params: { path: { id: campaign.id } } })),
    refetchInterval: 1_000,
    refetchIntervalInBackground: true,
    retry: false,
  });
  const samples = useSamples(found.data);
  const stats = found.data;
  if (stats === undefined) return found.isError ? <Failure error={found.error} retry={() => void found.refetch()} /> : <Loading />;
  const live = stats.live;
  return (
    <div className={classes.live} data-live={campaign.id}>
      <div className={classes.fresh}>
        <Holding held={live?.held ?? null} />
        <Freshness at={found.dataUpdatedAt} />
      </div>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 4 }} spacing="md">
        <Figure name={t('campaign.ringing')} test="ringing">{live?.ringing ?? 0}</Figure>
        <Figure name={t('campaign.waiting')} test="waiting" tone={live && live.waiting > 0 ? 'warn' : undefined}>{live?.waiting ?? 0}</Figure>
        <Figure name={t('campaign.talking')} test="talking">{live?.talking ?? 0}</Figure>
        <Figure name={t('campaign.operators')} test="operators">{`${live?.operators_free ?? 0} / ${live?.operators ?? 0}`}</Figure>
        <Figure name={t('campaign.answerRate')} test="answers">{live ? percent(live.answer_rate ?? 0) : '–'}</Figure>
        <Figure
          name={t('campaign.abandonRate')}
          test="abandons"
          note={t('campaign.today', { rate: percent(stats.abandon_rate_today), cap: percent(campaign.abandon_cap) })}
          tone={stats.abandon_rate_today >= campaign.abandon_cap ? 'bad' : stats.abandon_rate_today >= campaign.abandon_cap * 0.8 ? 'warn' : undefined}
        >
          {percent(stats.abandon_rate)}
        </Figure>
        <Figure name={t('campaign.perMinute')} test="pace" note={t('campaign.lastHour', { count: stats.attempts_last_hour })}>
          {live ? (live.calls_per_minute ?? 0).toFixed(1) : '–'}
        </Figure>
        <Figure name={t('campaign.finish')} test="finish" small>
          <Moment at={stats.forecast_finish_at} />
        </Figure>
      </SimpleGrid>
      <List stats={stats} />
      {live ? (
        <section className={`card ${classes.part}`}>
          <h2 className={wall.heading}>{t('campaign.chart')}</h2>
          <Suspense fallback={<Loading />}>
            <PaceChart samples={samples} />
          </Suspense>
          <Why rule={live.rule} reasons={live.reasons} />
        </section>
      ) : null}
    </div>
  );
}

function useSamples(stats: Stats | undefined): Sample[] {
  const kept = useRef<Sample[]>([]);
  const [shown, setShown] = useState<Sample[]>([]);
  useEffect(() => {
    if (!stats?.live) return;
    const now = Math.floor(serverNow() / 1000);
    const { ringing, talking, operators_free } = stats.live;
    kept.current = [...kept.current.filter(([at]) => at > now - KEPT_S && at !== now), [now, ringing, talking, operators_free]];
    setShown(kept.current);
  }, [stats]);
  return shown;
}

function Figure({ name, note, tone, test, small = false, children }: { name: string; note?: string; tone?: 'warn' | 'bad' | undefined; test: string; small?: boolean; children: ReactNode }) {
  return (
    <div className={`card ${wall.figure}`} data-tone={tone} data-figure={test}>
      <div className={wall.name}>
        {tone ? <Icon name="alert" size={16} /> : null}
        {name}
      </div>
      <div className={small ? classes.small : classes.value}>{children}</div>
      {note ? <div className={wall.note}>{note}</div> : null}
    </div>
  );
}

/** Why it does not dial, or dials less than it could, and what to set. */
function Holding({ held }: { held: NonNullable<Stats['live']>['held'] }) {
  const { t } = useTranslation();
  const rule = HELD.find((one) => one === held?.rule);
  const number = (value: number | null | undefined) =>
    value == null ? '–' : rule !== undefined && SHARES.includes(rule) ? percent(value) : String(Math.round(value * 100) / 100);
  const words = { now: number(held?.now), limit: number(held?.limit), setting: held?.setting ?? '' };
  return (
    <Text role="status" fw={560} c="var(--ring)" data-held={held?.rule}>
      {held == null ? '' : rule ? t(`campaign.held.${rule}`, words) : t('campaign.held.other', { reason: held.text })}
    </Text>
  );
}

/** How far the list has come. */
function List({ stats }: { stats: Stats }) {
  const { t } = useTranslation();
  const total = Object.values(stats.contacts).reduce((sum, count) => sum + count, 0);
  return (
    <section className={`card ${classes.part}`} aria-label={t('campaign.list')}>
      <h2 className={wall.heading}>
        {t('campaign.list')} <span className="quiet">{t('campaign.due', { count: stats.due })}</span>
      </h2>
      <Progress.Root size="lg" role="img" aria-label={STATES.map((state) => `${t(`campaign.contacts.${state}`)} ${stats.contacts[state] ?? 0}`).join(', ')}>
        {STATES.map((state) => (
          <Progress.Section key={state} value={total > 0 ? (100 * (stats.contacts[state] ?? 0)) / total : 0} color={COLOURS[state]} withAria={false} />
        ))}
      </Progress.Root>
      <dl className={classes.counts}>
        {STATES.map((state) => (
          <div key={state} data-contacts={state}>
            <dt>
              <i style={{ background: `var(--mantine-color-${COLOURS[state].replace('.', '-')})` }} />
              {t(`campaign.contacts.${state}`)}
            </dt>
            <dd>{stats.contacts[state] ?? 0}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** The numbers behind the latest plan of the pacer. */
function Why({ rule, reasons }: { rule: string; reasons: Record<string, number> }) {
  const { t } = useTranslation();
  return (
    <p className={classes.why}>
      {t('campaign.why')}: <b className="mono">{rule || '–'}</b>{' '}
      {Object.entries(reasons).map(([name, value]) => (
        <span key={name} className="mono">
          {name} {Number.isInteger(value) ? value : value.toFixed(3)}{' '}
        </span>
      ))}
    </p>
  );
}
