import { Button, Group, Select, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schemas } from '../../api/client';
import { usePaged } from '../../api/paged';
import { useMe } from '../../api/session';
import { PagedTable, type Column } from '../../widgets/DataTable';
import { Icon } from '../../widgets/Icon';
import { Tag } from '../../widgets/StatePill';
import { Moment } from '../../widgets/time';

type Contact = Schemas['ContactOut'];
const STATES: Contact['state'][] = ['ready', 'personal', 'dialing', 'done', 'excluded'];
const TONES = { ready: 'rest', personal: 'wrap', dialing: 'ring', done: 'good', excluded: 'bad' } as const;

/** Who is on the list, and what comes next for each. */
export function Contacts({ id }: { id: string }) {
  const { t } = useTranslation();
  const { role } = useMe();
  const [state, setState] = useState<Contact['state'] | null>(null);
  const [number, setNumber] = useState('');
  const [settled] = useDebouncedValue(number.trim(), 300);
  const query = { state: state ?? undefined, number: settled || undefined };
  const list = usePaged<Contact>(['contacts', id, query], (cursor) =>
    ask(api.GET('/api/v1/campaigns/{id}/contacts', { params: { path: { id }, query: { ...query, limit: 100, cursor } } })),
  );
  const columns: Column<Contact>[] = [
    { key: 'name', head: t('campaign.person'), cell: (one) => <span className="foreign"><b>{one.name || one.person}</b></span> },
    { key: 'phones', head: t('campaign.phones'), cell: (one) => <span className="foreign">{one.phones.map((phone) => phone.number).join(' / ')}</span> },
    { key: 'state', head: t('campaign.state'), cell: (one) => <Tag tone={TONES[one.state]}>{t(`campaign.contacts.${one.state}`)}</Tag> },
    { key: 'reason', head: t('campaign.reason'), only: 'widest', cell: (one) => <span className="foreign">{one.reason || '–'}</span> },
    { key: 'tries', head: t('work.tries'), only: 'wide', number: true, cell: (one) => one.attempts },
    { key: 'next', head: t('campaign.next'), only: 'wide', cell: (one) => <Moment at={one.next_at} /> },
  ];
  return (
    <Stack gap="md">
      <Group align="flex-end" role="search">
        <Select size="sm" w={190} label={t('campaign.state')} placeholder={t('list.all')} clearable value={state} data={STATES.map((value) => ({ value, label: t(`campaign.contacts.${value}`) }))} onChange={(value) => setState(value as Contact['state'] | null)} />
        <TextInput size="sm" label={t('dnc.number')} leftSection={<Icon name="search" size={15} />} value={number} maxLength={64} onChange={(event) => setNumber(event.currentTarget.value)} />
        {role === 'client' ? null : <ExportButton id={id} what="contacts" />}
      </Group>
      <PagedTable list={list} label={t('campaign.tabs.contacts')} columns={columns} id={(one) => String(one.id)} mark="contact" icon="users" empty={t('campaign.noContacts')} />
    </Stack>
  );
}

export function ExportButton({ id, what }: { id: string; what: 'contacts' | 'attempts' }) {
  const { t } = useTranslation();
  return (
    <Button component="a" href={`/api/v1/campaigns/${encodeURIComponent(id)}/export?what=${what}&format=xlsx`} download variant="default" size="sm" leftSection={<Icon name="download" size={15} />}>
      {t('campaign.export')}
    </Button>
  );
}
