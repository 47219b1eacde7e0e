import { Checkbox, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schemas } from '../../api/client';
import { serverNow } from '../../api/live';
import { usePaged } from '../../api/paged';
import { leads, useMe } from '../../api/session';
import { PagedTable, type Column } from '../../widgets/DataTable';
import { Icon } from '../../widgets/Icon';
import { Page } from '../../widgets/Page';
import { RowLink } from '../../widgets/RowLink';
import { Tag } from '../../widgets/StatePill';
import { Moment } from '../../widgets/time';
import { NewCase } from './NewCase';

export type Case = Schemas['CaseOut'];
export const CASE_KINDS: Case['kind'][] = ['complaint', 'order', 'support', 'information', 'cancellation'];
export const CASE_STATES: Case['state'][] = ['open', 'in_progress', 'waiting', 'closed'];
export const CASE_TONES = { open: 'ring', in_progress: 'busy', waiting: 'wrap', closed: 'rest' } as const;

/** What customers are owed, and by when. */
export default function Cases() {
  const { t } = useTranslation();
  const me = useMe();
  const myself = me.operator ?? me.username;
  const [filter, setFilter] = useState({ from: '', kind: null as Case['kind'] | null, state: null as Case['state'] | null, mine: false, overdue: false });
  const [settled] = useDebouncedValue(filter, 300);
  const list = usePaged<Case>(['cases', settled], (cursor) =>
    ask(
      api.GET('/api/v1/cases', {
        params: {
          query: {
            from: settled.from.trim() || undefined,
            kind: settled.kind ?? undefined,
            state: settled.state ?? undefined,
            owner: settled.mine ? myself : undefined,
            due_before: settled.overdue ? new Date(serverNow()).toISOString() : undefined,
            limit: 100,
            cursor,
          },
        },
      }),
    ),
  );
  const columns: Column<Case>[] = [
    { key: 'protocol', head: t('cases.protocol'), cell: (one) => <RowLink href={`/cases/${encodeURIComponent(one.protocol)}`}>{one.protocol}</RowLink> },
    { key: 'kind', head: t('cases.kind'), only: 'wide', cell: (one) => t(`cases.kinds.${one.kind}`) },
    { key: 'from', head: t('cases.from'), only: 'wide', cell: (one) => <span className="foreign">{one.from}</span> },
    { key: 'state', head: t('cases.state'), cell: (one) => <Tag tone={CASE_TONES[one.state]}>{t(`cases.states.${one.state}`)}</Tag> },
    { key: 'owner', head: t('cases.owner'), only: 'widest', cell: (one) => <span className="foreign">{one.owner ?? '–'}</span> },
    { key: 'deadline', head: t('cases.deadline'), cell: (one) => <Deadline of={one} /> },
  ];
  return (
    <Page title={t('cases.title')} actions={me.role === 'operator' || leads(me.role) ? <NewCase /> : null}>
      <Group gap="sm" align="flex-end" role="search">
        <TextInput size="sm" w={190} label={t('cases.from')} leftSection={<Icon name="search" size={15} />} value={filter.from} maxLength={64} onChange={(event) => setFilter({ ...filter, from: event.currentTarget.value })} />
        <Select size="sm" w={170} label={t('cases.kind')} placeholder={t('list.all')} clearable value={filter.kind} data={CASE_KINDS.map((value) => ({ value, label: t(`cases.kinds.${value}`) }))} onChange={(kind) => setFilter({ ...filter, kind: kind as Case['kind'] | null })} />
        <Select size="sm" w={170} label={t('cases.state')} placeholder={t('list.all')} clearable value={filter.state} data={CASE_STATES.map((value) => ({ value, label: t(`cases.states.${value}`) }))} onChange={(state) => setFilter({ ...filter, state: state as Case['state'] | null })} />
        <Checkbox pb={8} label={t('list.mine')} checked={filter.mine} onChange={(event) => setFilter({ ...filter, mine: event.currentTarget.checked })} />
        <Checkbox pb={8} label={t('cases.overdueOnly')} checked={filter.overdue} onChange={(event) => setFilter({ ...filter, overdue: event.currentTarget.checked })} />
      </Group>
      <PagedTable list={list} label={t('cases.title')} columns={columns} id={(one) => one.protocol} mark="case" icon="hash" empty={t('cases.none')} faded={(one) => one.state === 'closed'} />
    </Page>
  );
}

export function Deadline({ of }: { of: Case }) {
  const { t } = useTranslation();
  return (
    <span data-overdue={of.overdue || undefined}>
      <Moment at={of.deadline_at} /> {of.overdue ? <Tag tone="bad">{t('cases.overdue')}</Tag> : null}
    </span>
  );
}
