import { Button, Group, Select, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schemas } from '../../api/client';
import { usePaged } from '../../api/paged';
import { useQueueNames } from '../../api/queries';
import { useMe } from '../../api/session';
import { PagedTable, type Column } from '../../widgets/DataTable';
import { Tag } from '../../widgets/StatePill';
import { Duration, Moment } from '../../widgets/time';
import { Message } from './Message';

export type WorkItem = Schemas['WorkItemOut'];

const STATES: WorkItem['state'][] = ['new', 'taken', 'done'];
const KINDS: WorkItem['kind'][] = ['voicemail', 'message', 'survey'];
export const WORK_TONES = { new: 'ring', taken: 'busy', done: 'rest' } as const;

type Filter = { state: WorkItem['state'] | null; kind: WorkItem['kind'] | null; queue: string | null };

/** Messages that callers left, newest first; those still to be done at first. */
export function Messages() {
  const { t } = useTranslation();
  const [filter, setFilter] = useState<Filter>({ state: 'new', kind: null, queue: null });
  const [open, setOpen] = useState<WorkItem | null>(null);
  const query = { state: filter.state ?? undefined, kind: filter.kind ?? undefined, queue: filter.queue ?? undefined };
  const list = usePaged<WorkItem>(['work', query], (cursor) =>
    ask(api.GET('/api/v1/work-items', { params: { query: { ...query, limit: 100, cursor } } })),
  );
  const { role } = useMe();
  const columns: Column<WorkItem>[] = [
    { key: 'left', head: t('work.left'), cell: (item) => <Moment at={item.created_at} /> },
    { key: 'from', head: t('call.from'), cell: (item) => <b className="foreign">{item.from || t('call.hidden')}</b> },
    { key: 'kind', head: t('work.kind'), only: 'wide', cell: (item) => t(`work.kinds.${item.kind}`) },
    { key: 'queue', head: t('call.queue'), only: 'wide', cell: (item) => <span className="foreign">{item.queue}</span> },
    { key: 'length', head: t('work.length'), only: 'wide', number: true, cell: (item) => <Duration seconds={item.duration_s} /> },
    { key: 'state', head: t('work.state'), cell: (item) => <Tag tone={WORK_TONES[item.state]}>{t(`work.states.${item.state}`)}</Tag> },
    { key: 'owner', head: t('work.owner'), only: 'widest', cell: (item) => <span className="foreign">{item.owner ?? '–'}</span> },
    {
      key: 'open',
      head: t('do.act'),
      silent: true,
      number: true,
      cell: (item) => (
        <Button size="xs" variant="light" onClick={() => setOpen(item)} aria-label={t('work.openOf', { from: item.from || t('call.hidden') })}>
          {t('work.open')}
        </Button>
      ),
    },
  ];
  return (
    <Stack gap="md">
      <Group gap="sm" role="search">
        <Select w={170} size="sm" label={t('work.state')} placeholder={t('list.all')} clearable value={filter.state} data={STATES.map((value) => ({ value, label: t(`work.states.${value}`) }))} onChange={(state) => setFilter({ ...filter, state: state as Filter['state'] })} />
        <Select w={190} size="sm" label={t('work.kind')} placeholder={t('list.all')} clearable value={filter.kind} data={KINDS.map((value) => ({ value, label: t(`work.kinds.${value}`) }))} onChange={(kind) => setFilter({ ...filter, kind: kind as Filter['kind'] })} />
        {role === 'operator' ? null : <QueueSelect value={filter.queue} onChange={(queue) => setFilter({ ...filter, queue })} />}
      </Group>
      <PagedTable list={list} label={t('work.messages')} columns={columns} id={(item) => item.id} mark="message" icon="mic" empty={t('work.none')} />
      {open ? <Message key={open.id} item={open} onClose={() => setOpen(null)} /> : null}
    </Stack>
  );
}

function QueueSelect({ value, onChange }: { value: string | null; onChange: (queue: string | null) => void }) {
  const { t } = useTranslation();
  const queues = useQueueNames();
  return <Select w={220} size="sm" label={t('call.queue')} placeholder={t('list.all')} clearable value={value} data={(queues.data ?? []).map((queue) => ({ value: queue.id, label: queue.name }))} onChange={onChange} />;
}
