import { Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Recording } from '../../api/client';
import { usePaged } from '../../api/paged';
import { useMe } from '../../api/session';
import { PagedTable, type Column } from '../../widgets/DataTable';
import { Icon } from '../../widgets/Icon';
import { Loading, Page } from '../../widgets/Page';
import { RowLink } from '../../widgets/RowLink';
import { Tag } from '../../widgets/StatePill';
import { Duration, Moment } from '../../widgets/time';
import { filterOf, Filters, NOTHING } from './Filters';
import { Gaps } from './Gaps';

const RecordingPlayer = lazy(() => import('./RecordingPlayer'));

/** Search by what is known of the call, or by words that were said; the player opens in the list. */
export default function Recordings() {
  const { t } = useTranslation();
  const { role } = useMe();
  const [draft, setDraft] = useState(NOTHING);
  const [search] = useDebouncedValue(draft, 300);
  const wanted = useMemo(() => filterOf(search), [search]);
  const list = usePaged<Recording>(['recordings', wanted], (cursor) =>
    ask(api.GET('/api/v1/recordings', { params: { query: { ...wanted, limit: 100, cursor } } })),
  );
  const [open, setOpen] = useState<string | null>(null);
  const columns: Column<Recording>[] = [
    { key: 'at', head: t('call.started'), cell: (one) => <RowLink href={`/calls/${encodeURIComponent(one.call_id)}`}><Moment at={one.started_at} /></RowLink> },
    { key: 'length', head: t('work.length'), number: true, cell: (one) => <Duration seconds={one.duration_s} /> },
    { key: 'operator', head: t('call.operator'), only: 'wide', cell: (one) => <span className="foreign">{operatorsOf(one)}</span> },
    { key: 'status', head: t('call.state'), only: 'wide', cell: (one) => <Tag tone={one.status === 'complete' ? 'good' : 'ring'}>{t(`recording.status.${one.status}`)}</Tag> },
    {
      key: 'listen',
      head: t('do.act'),
      silent: true,
      number: true,
      cell: (one) => (
        <Button size="xs" variant={open === one.id ? 'filled' : 'light'} leftSection={<Icon name={open === one.id ? 'x' : 'play'} size={14} />} onClick={() => setOpen(open === one.id ? null : one.id)} aria-expanded={open === one.id}>
          {open === one.id ? t('do.close') : t('recording.listen')}
        </Button>
      ),
    },
  ];
  return (
    <Page title={t('nav.recordings')} actions={role === 'client' ? null : <Gaps />}>
      <Filters draft={draft} onChange={setDraft} />
      {open ? (
        <Suspense fallback={<Loading />}>
          <RecordingPlayer key={open} id={open} opened />
        </Suspense>
      ) : null}
      <PagedTable list={list} label={t('nav.recordings')} columns={columns} id={(one) => one.id} mark="recording" icon="waveform" empty={t('recording.none')} selected={open} />
    </Page>
  );
}

function operatorsOf(recording: Recording): string {
  return [...new Set(recording.legs.map((leg) => leg.operator))].join(', ');
}
