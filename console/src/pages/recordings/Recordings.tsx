import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { api, ask, type Recording } from '../../api/client';
import { Icon } from '../../widgets/Icon';
import { Empty, Failure, Loading, Page } from '../../widgets/Page';
import { Tag } from '../../widgets/StatePill';
import { Duration, Moment } from '../../widgets/time';
import classes from './Recordings.module.css';

const RecordingPlayer = lazy(() => import('./RecordingPlayer'));

type Search = { from: string; operator: string; queue: string; protocol: string };
const NOTHING: Search = { from: '', operator: '', queue: '', protocol: '' };

/** Search by what is known of the call; the player opens in the list. */
export default function Recordings() {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(NOTHING);
  const [search] = useDebouncedValue(draft, 300);
  const wanted = useMemo(
    () => Object.fromEntries(Object.entries(search).map(([name, value]) => [name, value.trim() || undefined])),
    [search],
  );
  const known = useInfiniteQuery({
    queryKey: ['recordings', wanted],
    queryFn: ({ pageParam }) =>
      ask(api.GET('/api/v1/recordings', { params: { query: { ...wanted, limit: 50, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const recordings = known.data?.pages.flatMap((page) => page.items) ?? [];
  const names = { from: t('call.from'), operator: t('call.operator'), queue: t('call.queue'), protocol: t('call.protocol') };
  return (
    <Page title={t('nav.recordings')}>
      <form role="search" className={classes.filters} onSubmit={(event) => event.preventDefault()}>
        {(Object.keys(NOTHING) as (keyof Search)[]).map((name) => (
          <TextInput
            key={name}
            size="sm"
            label={names[name]}
            value={draft[name]}
            maxLength={64}
            onChange={(event) => setDraft({ ...draft, [name]: event.currentTarget.value })}
          />
        ))}
      </form>
      {known.isPending ? <Loading /> : null}
      {known.isError ? <Failure error={known.error} retry={() => void known.refetch()} /> : null}
      {known.isSuccess && recordings.length === 0 ? (
        <div className="card">
          <Empty icon="waveform">{t('recording.none')}</Empty>
        </div>
      ) : null}
      <ul className={classes.list}>
        {recordings.map((recording) => (
          <Row key={recording.id} recording={recording} />
        ))}
      </ul>
      {known.hasNextPage ? (
        <Button variant="default" loading={known.isFetchingNextPage} onClick={() => void known.fetchNextPage()}>
          {t('do.more')}
        </Button>
      ) : null}
    </Page>
  );
}

function Row({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const operators = [...new Set(recording.legs.map((leg) => leg.operator))].join(', ');
  return (
    <li className="card" data-recording={recording.id}>
      <div className={classes.row}>
        <Link href={`/calls/${encodeURIComponent(recording.call_id)}`} className={classes.link}>
          <Moment at={recording.started_at} />
        </Link>
        <Duration seconds={recording.duration_s} />
        <span className="foreign">{operators}</span>
        <Tag tone={recording.status === 'complete' ? 'good' : 'ring'}>{t(`recording.status.${recording.status}`)}</Tag>
        <Button
          size="xs"
          variant="light"
          leftSection={<Icon name={open ? 'x' : 'play'} size={14} />}
          onClick={() => setOpen(!open)}
          aria-expanded={open}
        >
          {open ? t('do.close') : t('recording.listen')}
        </Button>
      </div>
      {open ? (
        <Suspense fallback={<Loading />}>
          <RecordingPlayer id={recording.id} opened />
        </Suspense>
      ) : null}
    </li>
  );
}
