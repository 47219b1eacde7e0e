import { Checkbox, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schemas } from '../../api/client';
import { usePaged } from '../../api/paged';
import { useMe } from '../../api/session';
import { PagedTable, type Column } from '../../widgets/DataTable';
import { RowLink } from '../../widgets/RowLink';
import { Tag } from '../../widgets/StatePill';
import { Moment } from '../../widgets/time';
import { ExportButton } from './Contacts';

type Attempt = Schemas['Listing_AttemptOut_']['items'][number];
const GOOD = ['connected', 'callback'];
const BAD = ['abandoned', 'failed', 'invalid_number', 'do_not_call'];

/** Each dialling with how it ended; drops with their evidence. */
export function Attempts({ id }: { id: string }) {
  const { t } = useTranslation();
  const { role } = useMe();
  const [dropped, setDropped] = useState(false);
  const list = usePaged<Attempt>(['attempts', id, dropped], (cursor) =>
    ask(api.GET('/api/v1/campaigns/{id}/attempts', { params: { path: { id }, query: { dropped: dropped || undefined, limit: 100, cursor } } })),
  );
  const result = (name: string) => t(`campaign.results.${name}` as 'campaign.results.busy', { defaultValue: name });
  const columns: Column<Attempt>[] = [
    { key: 'at', head: t('call.started'), cell: (one) => <Moment at={one.started_at} /> },
    { key: 'phone', head: t('dnc.number'), cell: (one) => <RowLink href={`/calls/${encodeURIComponent(one.id)}`}>{one.phone}</RowLink> },
    { key: 'result', head: t('campaign.result'), cell: (one) => <Tag tone={GOOD.includes(one.result) ? 'good' : BAD.includes(one.result) ? 'bad' : 'rest'}>{result(one.result)}</Tag> },
    { key: 'operator', head: t('call.operator'), only: 'wide', cell: (one) => <span className="foreign">{one.operator ?? '–'}</span> },
    { key: 'number', head: t('work.tries'), only: 'wide', number: true, cell: (one) => one.number },
    { key: 'drop', head: t('campaign.dropMs'), only: 'widest', number: true, cell: (one) => one.drop_ms ?? '–' },
    { key: 'next', head: t('campaign.next'), only: 'widest', cell: (one) => <Moment at={one.next_at} /> },
  ];
  return (
    <Stack gap="md">
      <Group role="search">
        <Checkbox label={t('campaign.dropped')} checked={dropped} onChange={(event) => setDropped(event.currentTarget.checked)} />
        {role === 'client' ? null : <ExportButton id={id} what="attempts" />}
      </Group>
      <PagedTable list={list} label={t('campaign.tabs.attempts')} columns={columns} id={(one) => one.id} mark="attempt" icon="phoneOutgoing" empty={t('campaign.noAttempts')} />
    </Stack>
  );
}
