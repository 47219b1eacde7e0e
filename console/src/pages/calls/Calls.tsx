import { Button, Group, Loader, Select, Text, TextInput } from '@mantine/core';
import { useDebouncedValue, useElementSize } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Call } from '../../api/client';
import { useCalls, useQueueNames, type CallFilter } from '../../api/queries';
import { useMe } from '../../api/session';
import { FinalState } from '../../widgets/FinalState';
import { Icon } from '../../widgets/Icon';
import { Empty, Failure, Loading, Page } from '../../widgets/Page';
import { Duration, Moment } from '../../widgets/time';
import classes from './Calls.module.css';

const STATES = [
  'answered', 'abandoned', 'self_served', 'voicemail', 'callback', 'transferred', 'lost_media', 'fallback', 'rejected',
] as const satisfies NonNullable<Call['final_state']>[];
const ROW = 46;

type Draft = { from: string; operator: string; queue: string; state: string; protocol: string; since: string; until: string };
const NOTHING: Draft = { from: '', operator: '', queue: '', state: '', protocol: '', since: '', until: '' };

function filterOf(draft: Draft): CallFilter {
  const moment = (local: string) => (local ? new Date(local).toISOString() : undefined);
  return {
    from: draft.from.trim() || undefined,
    operator: draft.operator.trim() || undefined,
    queue: draft.queue || undefined,
    protocol: draft.protocol.trim() || undefined,
    live: draft.state === 'live' ? true : undefined,
    final_state: STATES.find((state) => state === draft.state),
    since: moment(draft.since),
    until: moment(draft.until),
  };
}

export default function Calls() {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(NOTHING);
  const [settled] = useDebouncedValue(draft, 300);
  const filter = useMemo(() => filterOf(settled), [settled]);
  return (
    <Page title={t('nav.calls')}>
      <Filters draft={draft} onChange={setDraft} />
      <CallTable filter={filter} />
    </Page>
  );
}

function Filters({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  const { t } = useTranslation();
  const { role } = useMe();
  const set = (name: keyof Draft) => (value: string | null) => onChange({ ...draft, [name]: value ?? '' });
  const text = (name: keyof Draft) => ({
    value: draft[name],
    onChange: (event: { currentTarget: { value: string } }) => set(name)(event.currentTarget.value),
    size: 'sm' as const,
  });
  const states = [{ value: 'live', label: t('call.live') }, ...STATES.map((value) => ({ value, label: t(`final.${value}`) }))];
  return (
    <form role="search" className={classes.filters} onSubmit={(event) => event.preventDefault()}>
      <TextInput {...text('from')} label={t('call.from')} leftSection={<Icon name="search" size={15} />} maxLength={64} />
      <Select label={t('call.state')} data={states} value={draft.state || null} onChange={set('state')} clearable size="sm" />
      {role === 'operator' ? null : (
        <>
          <QueuePicker value={draft.queue} onChange={set('queue')} />
          {role === 'client' ? null : <TextInput {...text('operator')} label={t('call.operator')} maxLength={64} />}
        </>
      )}
      <TextInput {...text('protocol')} label={t('call.protocol')} maxLength={64} />
      <TextInput {...text('since')} type="datetime-local" label={t('call.since')} />
      <TextInput {...text('until')} type="datetime-local" label={t('call.until')} />
      {JSON.stringify(draft) === JSON.stringify(NOTHING) ? null : (
        <Button variant="subtle" size="sm" onClick={() => onChange(NOTHING)} leftSection={<Icon name="x" size={15} />}>
          {t('do.clear')}
        </Button>
      )}
    </form>
  );
}

function QueuePicker({ value, onChange }: { value: string; onChange: (value: string | null) => void }) {
  const { t } = useTranslation();
  const queues = useQueueNames();
  const data = (queues.data ?? []).map((queue) => ({ value: queue.id, label: queue.name }));
  return <Select label={t('call.queue')} data={data} value={value || null} onChange={onChange} clearable searchable size="sm" />;
}

/** Newest first; only the rows in sight exist, and the next page is fetched when its end comes near. */
function CallTable({ filter }: { filter: CallFilter }) {
  const { t } = useTranslation();
  const known = useCalls(filter);
  const scroller = useRef<HTMLDivElement | null>(null);
  const { ref: sized } = useElementSize();
  const calls = useMemo(() => known.data?.pages.flatMap((page) => page.items) ?? [], [known.data]);
  const rows = useVirtualizer({
    count: calls.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = known;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= calls.length - 30) void fetchNextPage();
  }, [last, calls.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  if (known.isPending) return <Loading />;
  if (known.isError) return <Failure error={known.error} retry={() => void known.refetch()} />;
  const above = items[0]?.start ?? 0;
  const below = rows.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <section className="card" ref={sized} aria-label={t('nav.calls')}>
      <div ref={scroller} className={classes.scroller} tabIndex={0} role="region" aria-label={t('nav.calls')}>
        <table className={classes.table} aria-rowcount={hasNextPage ? -1 : calls.length}>
          <thead>
            <tr>
              <th scope="col">{t('call.started')}</th>
              <th scope="col">{t('call.from')}</th>
              <th scope="col">{t('call.state')}</th>
              <th scope="col" className={classes.wide}>{t('call.queue')}</th>
              <th scope="col" className={classes.wide}>{t('call.operator')}</th>
              <th scope="col" className={classes.number}>{t('call.waited')}</th>
              <th scope="col" className={classes.number}>{t('call.talked')}</th>
              <th scope="col" className={classes.widest}>{t('call.protocol')}</th>
            </tr>
          </thead>
          <tbody>
            {above > 0 ? <tr style={{ height: above }} aria-hidden="true" /> : null}
            {items.map((item) => {
              const call = calls[item.index];
              return call === undefined ? null : <Row key={call.id} call={call} />;
            })}
            {below > 0 ? <tr style={{ height: below }} aria-hidden="true" /> : null}
          </tbody>
        </table>
        {calls.length === 0 ? <Empty icon="list">{t('call.none')}</Empty> : null}
      </div>
      <Group justify="space-between" className={classes.foot} gap="xs">
        <Text size="sm" className="quiet figures">
          {hasNextPage ? t('call.countMore', { shown: calls.length }) : t('call.count', { shown: calls.length })}
        </Text>
        {isFetchingNextPage ? <Loader size="xs" type="dots" /> : null}
      </Group>
    </section>
  );
}

function Row({ call }: { call: Call }) {
  const { t } = useTranslation();
  return (
    <tr style={{ height: ROW }} data-call={call.id}>
      <td>
        <Moment at={call.started_at} />
      </td>
      <td>
        <Link href={`/calls/${encodeURIComponent(call.id)}`} className={`${classes.link} foreign`}>
          {call.from || t('call.hidden')}
        </Link>
      </td>
      <td>
        <FinalState call={call} />
      </td>
      <td className={`${classes.wide} foreign`}>{call.queue ?? '–'}</td>
      <td className={`${classes.wide} foreign`}>{call.operator ?? '–'}</td>
      <td className={classes.number}>
        <Duration seconds={call.wait_s} />
      </td>
      <td className={classes.number}>
        <Duration seconds={call.talk_s} />
      </td>
      <td className={`${classes.widest} foreign`}>{call.protocol ?? '–'}</td>
    </tr>
  );
}
