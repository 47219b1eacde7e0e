import { Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { api, ask, type Call, type Operator } from '../../api/client';
import { useCalls } from '../../api/queries';
import { FinalState } from '../../widgets/FinalState';
import { Icon } from '../../widgets/Icon';
import { Empty } from '../../widgets/Page';
import { RowLink } from '../../widgets/RowLink';
import { Elapsed, Duration, Moment } from '../../widgets/time';
import { Deadline } from '../cases/Cases';
import classes from './Desk.module.css';
import { Digits } from './Digits';
import { Disposition } from './Disposition';
import { TalkBar } from './TalkBar';

function useDeskCall(id: string | null) {
  return useQuery({
    queryKey: ['desk', 'call', id],
    queryFn: () => ask(api.GET('/api/v1/calls/{id}', { params: { path: { id: id ?? '' } } })),
    enabled: id !== null,
    refetchInterval: 2_000,
    retry: 5,
    retryDelay: 300,
  });
}

/** The call that is offered, going on, or just over; who calls, what they keyed, and what was before. */
export function CurrentCall({ operator }: { operator: Operator }) {
  const { t } = useTranslation();
  const last = useRef<string | null>(null);
  useEffect(() => {
    if (operator.call_id) last.current = operator.call_id;
  }, [operator.call_id]);
  const own = useCalls({ operator: operator.extension }).data?.pages[0]?.items;
  const before = last.current ?? own?.find((one) => one.ended_at !== null)?.id ?? null;
  const shown = operator.call_id ?? (operator.state === 'wrap_up' ? before : null);
  const { data: call } = useDeskCall(shown);
  if (shown === null || call === undefined) {
    return (
      <section className="card" aria-label={t('desk.call')}>
        <Empty icon="phone">{shown === null ? t('desk.noCall') : t('desk.callComing')}</Empty>
      </section>
    );
  }
  return <CallCard call={call} operator={operator} />;
}

function CallCard({ call, operator }: { call: Call; operator: Operator }) {
  const { t } = useTranslation();
  const ringing = operator.state === 'ringing' || operator.state === 'reserved';
  return (
    <section className={`card ${classes.call} ${ringing ? classes.ringing : ''}`} aria-label={t('desk.call')} data-call={call.id}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <Text size="sm" className="quiet" role={ringing ? 'alert' : undefined}>
            {ringing ? t('desk.ringing') : call.ended_at ? t('desk.lastCall') : t('desk.talkingWith')}
          </Text>
          <div className={`${classes.number} foreign`}>{call.from || t('call.hidden')}</div>
        </div>
        {call.connected_at && !call.ended_at ? (
          <Text fz="xl" fw={600} c="var(--busy)">
            <Elapsed since={call.connected_at} />
          </Text>
        ) : null}
      </Group>
      <dl className={classes.facts}>
        <Entry name={t('call.queue')}>{call.queue ?? '–'}</Entry>
        <Entry name={t('call.waited')}>
          {call.wait_s === null && call.queued_at && !call.connected_at ? (
            <Elapsed since={call.queued_at} />
          ) : (
            <Duration seconds={call.wait_s} />
          )}
        </Entry>
        <Entry name={t('call.language')}>{call.language ?? '–'}</Entry>
        <Entry name={t('call.digits')}>
          {call.digits ? <Digits digits={call.digits} /> : '–'}
        </Entry>
        <Entry name={t('call.to')}>{call.to}</Entry>
        <Entry name={t('call.protocol')}>{call.protocol ?? '–'}</Entry>
      </dl>
      <TalkBar call={call.id} operator={operator} />
      {call.connected_at ? (
        <div className={classes.form}>
          <Disposition key={call.id} call={call} />
        </div>
      ) : null}
      <OpenCases from={call.from} />
      <History call={call} />
    </section>
  );
}

function Entry({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="foreign">{children}</dd>
    </div>
  );
}

/** What this customer still waits for. */
function OpenCases({ from }: { from: string }) {
  const { t } = useTranslation();
  const known = useQuery({
    queryKey: ['cases', 'of', from],
    queryFn: async () => (await ask(api.GET('/api/v1/cases', { params: { query: { from, limit: 20 } } }))).items,
    enabled: from !== '',
  });
  const open = (known.data ?? []).filter((one) => one.state !== 'closed').slice(0, 4);
  if (open.length === 0) return null;
  return (
    <div className={classes.form} data-cases={open.length}>
      <Text size="sm" fw={600} mb={6}>
        {t('own.cases')}
      </Text>
      {open.map((one) => (
        <Group key={one.protocol} gap="sm">
          <RowLink href={`/cases/${encodeURIComponent(one.protocol)}`}>{one.protocol}</RowLink>
          <span>{t(`cases.kinds.${one.kind}`)}</span>
          <span className="quiet">
            <Deadline of={one} />
          </span>
        </Group>
      ))}
    </div>
  );
}

/** Earlier calls with the same number. */
function History({ call }: { call: Call }) {
  const { t } = useTranslation();
  const known = useCalls({ from: call.from });
  const before = known.data?.pages[0]?.items.filter((one) => one.id !== call.id).slice(0, 6) ?? [];
  if (!call.from || before.length === 0) return null;
  return (
    <div style={{ margin: '20px -22px -20px' }}>
      <Group gap={8} className={classes.heading} style={{ borderTop: '1px solid var(--line)' }}>
        <Icon name="history" size={16} />
        <Text size="sm" fw={600}>
          {t('desk.history')}
        </Text>
      </Group>
      <ul className={classes.list}>
        {before.map((one) => (
          <li key={one.id}>
            <CallRow call={one} main={<Moment at={one.started_at} />} />
          </li>
        ))}
      </ul>
    </div>
  );
}

export function CallRow({ call, main }: { call: Call; main: ReactNode }) {
  return (
    <Link href={`/calls/${encodeURIComponent(call.id)}`} className={classes.row}>
      <span className="foreign">{main}</span>
      <FinalState call={call} />
      <Text component="span" size="sm" className="quiet foreign">
        {call.queue ?? call.flow ?? '–'}
      </Text>
      <Text component="span" size="sm" className="quiet" ta="right">
        <Duration seconds={call.talk_s} />
      </Text>
    </Link>
  );
}
