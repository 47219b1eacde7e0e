import { Button, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Call } from '../../api/client';
import { usePaged } from '../../api/paged';
import { useQueueNames, type CallFilter } from '../../api/queries';
import { useMe } from '../../api/session';
import { PagedTable, type Column } from '../../widgets/DataTable';
import { FinalState } from '../../widgets/FinalState';
import { Icon } from '../../widgets/Icon';
import { Page } from '../../widgets/Page';
import { RowLink } from '../../widgets/RowLink';
import { Duration, Moment } from '../../widgets/time';
import classes from './Calls.module.css';

const STATES = [
  'answered', 'abandoned', 'self_served', 'voicemail', 'callback', 'transferred', 'lost_media', 'fallback', 'rejected',
] as const satisfies NonNullable<Call['final_state']>[];

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
  const list = usePaged<Call>(
    ['call-list', filter],
    (cursor) => ask(api.GET('/api/v1/calls', { params: { query: { ...filter, limit: 100, cursor } } })),
    3_000,
  );
  const columns: Column<Call>[] = [
    { key: 'started', head: t('call.started'), cell: (call) => <Moment at={call.started_at} /> },
    { key: 'from', head: t('call.from'), cell: (call) => <CallLink call={call} /> },
    { key: 'state', head: t('call.state'), cell: (call) => <FinalState call={call} /> },
    { key: 'queue', head: t('call.queue'), only: 'wide', cell: (call) => <span className="foreign">{call.queue ?? '–'}</span> },
    { key: 'operator', head: t('call.operator'), only: 'wide', cell: (call) => <span className="foreign">{call.operator ?? '–'}</span> },
    { key: 'waited', head: t('call.waited'), only: 'wide', number: true, cell: (call) => <Duration seconds={call.wait_s} /> },
    { key: 'talked', head: t('call.talked'), number: true, cell: (call) => <Duration seconds={call.talk_s} /> },
    { key: 'protocol', head: t('call.protocol'), only: 'widest', cell: (call) => <span className="foreign">{call.protocol ?? '–'}</span> },
  ];
  return <PagedTable list={list} label={t('nav.calls')} columns={columns} id={(call) => call.id} mark="call" empty={t('call.none')} />;
}

export function CallLink({ call }: { call: Pick<Call, 'id' | 'from'> }) {
  const { t } = useTranslation();
  return <RowLink href={`/calls/${encodeURIComponent(call.id)}`}>{call.from || t('call.hidden')}</RowLink>;
}
