import { ActionIcon, Alert, Button, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Redirect, useParams } from 'wouter';
import { useMe } from '../../api/session';
import { DataTable, type Column } from '../../widgets/DataTable';
import { Icon } from '../../widgets/Icon';
import { Failure, Loading, Page } from '../../widgets/Page';
import { duration } from '../../widgets/time';
import { reasonWord } from '../desk/reasons';
import { fetchSource } from '../flows/FlowPage';
import { Versions } from '../flows/Versions';
import { EntryForm } from './EntryForm';
import { RemoveEntry } from './RemoveEntry';
import { KINDS, useEntries, useSite, type Entry, type Kind } from './site';
import classes from './Site.module.css';
import { useWeekdays } from './words';

const YamlEditor = lazy(() => import('../flows/YamlEditor'));

/** Queues, skills, calendars, numbers and pauses: what flows may name, changed while calls go on. */
export default function Settings() {
  const { kind } = useParams<{ kind?: string }>();
  const known = KINDS.find((one) => one === kind);
  return known === undefined ? <Redirect to="/site/queues" replace /> : <Entries key={known} kind={known} />;
}

function Entries({ kind }: { kind: Kind }) {
  const { t } = useTranslation();
  const admin = useMe().role === 'admin';
  const list = useEntries(kind);
  const columns = useColumns(kind);
  const [edited, setEdited] = useState<Entry | 'new' | null>(null);
  const [removed, setRemoved] = useState<Entry | null>(null);
  if (list.isPending) return <Loading />;
  if (list.isLoadingError) return <Failure error={list.error} retry={() => void list.refetch()} />;
  const acts: Column<Entry> = {
    key: 'acts',
    head: t('do.act'),
    silent: true,
    number: true,
    cell: (one) => (
      <Group gap={2} justify="flex-end" wrap="nowrap">
        <ActionIcon variant="subtle" color="gray" aria-label={t('site.edit', { name: one.name })} onClick={() => setEdited(one)}>
          <Icon name="edit" size={16} />
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray" aria-label={t('site.remove', { name: one.name })} onClick={() => setRemoved(one)}>
          <Icon name="trash" size={16} />
        </ActionIcon>
      </Group>
    ),
  };
  return (
    <Page
      title={t('site.title')}
      actions={
        <>
          <History admin={admin} />
          {admin ? (
            <Button size="sm" leftSection={<Icon name="plus" size={15} />} onClick={() => setEdited('new')}>
              {t(`site.new.${kind}`)}
            </Button>
          ) : null}
        </>
      }
    >
      <nav className={classes.tabs} aria-label={t('site.title')}>
        {KINDS.map((one) => (
          <Link key={one} href={`/site/${one}`} className={classes.tab} aria-current={one === kind ? 'page' : undefined}>
            {t(`site.kind.${one}`)}
          </Link>
        ))}
      </nav>
      <Refusals />
      <DataTable label={t(`site.kind.${kind}`)} columns={admin ? [...columns, acts] : columns} rows={list.data} id={(one) => one.name} mark="site" icon="settings" row_px={52} empty={t('list.none')} />
      {edited ? <EntryForm kind={kind} entry={edited === 'new' ? null : edited} onClose={() => setEdited(null)} /> : null}
      {removed ? <RemoveEntry kind={kind} entry={removed} onClose={() => setRemoved(null)} /> : null}
    </Page>
  );
}

/** What a list shows of each entry. */
function useColumns(kind: Kind): Column<Entry>[] {
  const { t } = useTranslation();
  const days = useWeekdays();
  const text = (one: Entry, field: string) => String(one.effective[field] ?? '') || '–';
  const seconds = (one: Entry, field: string) => t('site.seconds', { value: String(one.effective[field] ?? '') });
  const key: Column<Entry> = { key: 'key', head: t(`site.key.${kind}`), cell: (one) => <span className="mono foreign">{one.name}</span> };
  const name: Column<Entry> = { key: 'name', head: t('site.label.name'), wraps: true, cell: (one) => <span className="foreign">{text(one, 'name')}</span> };
  const users: Column<Entry> = {
    key: 'uses',
    head: t('site.usedBy'),
    only: 'wide',
    wraps: true,
    cell: (one) => <span className="foreign quiet">{one.uses.map((use) => t(`site.use.${use.kind}`, { name: use.name })).slice(0, 6).join(', ') || '–'}</span>,
  };
  const levels = (one: Entry) => Object.entries((one.effective.skills ?? {}) as Record<string, number>).map(([skill, level]) => `${skill} ${level}`).join(', ') || '–';
  const opening = (one: Entry) => {
    const hours = (one.effective.hours ?? {}) as Record<string, string[]>;
    return days.filter((day) => hours[day.key]?.length).map((day) => `${day.name.slice(0, 3)} ${hours[day.key]?.join(' ')}`).join(', ') || t('site.closed');
  };
  switch (kind) {
    case 'queues':
      return [
        key,
        name,
        { key: 'skills', head: t('operator.skills'), only: 'widest', wraps: true, cell: (one) => <span className="foreign">{levels(one)}</span> },
        { key: 'ring', head: t('site.head.ring'), only: 'wide', number: true, cell: (one) => seconds(one, 'ring_s') },
        { key: 'wrapUp', head: t('site.head.wrapUp'), only: 'wide', number: true, cell: (one) => seconds(one, 'wrap_up_s') },
        { key: 'calendar', head: t('site.head.calendar'), only: 'widest', cell: (one) => <span className="foreign">{text(one, 'calendar')}</span> },
      ];
    case 'skills':
      return [key, name, users];
    case 'calendars':
      return [key, { key: 'zone', head: t('site.label.timezone'), only: 'wide', cell: (one) => text(one, 'timezone') }, { key: 'hours', head: t('site.label.hours'), wraps: true, cell: opening }, users];
    case 'numbers':
      return [key, { ...name, only: 'wide' }, { key: 'flow', head: t('site.head.flow'), cell: (one) => <span className="foreign">{text(one, 'flow')}</span> }];
    case 'pauses':
      return [
        key,
        { key: 'reason', head: t('site.head.reason'), only: 'wide', cell: (one) => <span className="foreign">{reasonWord(t, one.name)}</span> },
        { key: 'longest', head: t('site.head.longest'), number: true, cell: (one) => duration(Number(one.effective.longest_s)) },
      ];
  }
}

/** Why the file in the folder is not what is live. */
function Refusals() {
  const { t } = useTranslation();
  const problems = (useSite().data?.problems ?? []) as { line?: number; message?: string }[];
  if (problems.length === 0) return null;
  return (
    <Alert color="orange" variant="light" icon={<Icon name="alert" />} title={t('site.fileRefused')}>
      {problems.slice(0, 5).map((one, at) => (
        <div key={at} className="foreign">
          site.yaml:{one.line} {one.message}
        </div>
      ))}
    </Alert>
  );
}

/** Earlier versions of the whole file, compared with the live one, and the way back. */
function History({ admin }: { admin: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [shown, setShown] = useState<string | null>(null);
  const [live, setLive] = useState('');
  const show = async (text: string | null) => {
    if (text !== null) setLive((await fetchSource('site')).source);
    setShown(text);
  };
  const back = async () => {
    setShown(null);
    await client.invalidateQueries({ queryKey: ['site'] });
    await client.invalidateQueries({ queryKey: ['versions', 'site'] });
  };
  return (
    <>
      <Versions id="site" shown={shown} admin={admin} onShow={(text) => void show(text)} onRolledBack={back} />
      {shown === null ? null : (
        <section className={`card ${classes.preview}`} aria-label={t('site.versions')} style={{ flexBasis: '100%' }}>
          <Suspense fallback={<Loading />}>
            <YamlEditor text={shown} against={live} readOnly label={t('site.versions')} problems={[]} onChange={() => undefined} onLine={() => undefined} />
          </Suspense>
        </section>
      )}
    </>
  );
}
