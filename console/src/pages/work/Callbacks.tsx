import { Button, Group, Modal, Select, Stack } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schemas } from '../../api/client';
import { usePaged } from '../../api/paged';
import { leads, useMe } from '../../api/session';
import { PagedTable, type Column } from '../../widgets/DataTable';
import { Failure, Loading } from '../../widgets/Page';
import { RowLink } from '../../widgets/RowLink';
import { Tag } from '../../widgets/StatePill';
import { tellDone } from '../../widgets/tell';
import { Moment } from '../../widgets/time';

type Callback = Schemas['CallbackOut'];
const STATES: Callback['state'][] = ['waiting', 'dialling', 'talking', 'done', 'failed', 'cancelled'];
const TONES = { waiting: 'ring', dialling: 'ring', talking: 'busy', done: 'good', failed: 'bad', cancelled: 'rest' } as const;

/** Who was promised a call, at which place in line, and how each try went. */
export function Callbacks() {
  const { t } = useTranslation();
  const [state, setState] = useState<Callback['state'] | null>(null);
  const [open, setOpen] = useState<Callback | null>(null);
  const list = usePaged<Callback>(['callbacks', state], (cursor) =>
    ask(api.GET('/api/v1/callbacks', { params: { query: { state: state ?? undefined, limit: 100, cursor } } })),
  );
  const columns: Column<Callback>[] = [
    { key: 'number', head: t('work.number'), cell: (one) => <b className="foreign">{one.number}</b> },
    { key: 'queue', head: t('call.queue'), only: 'wide', cell: (one) => <span className="foreign">{one.queue}</span> },
    { key: 'state', head: t('work.state'), cell: (one) => <Tag tone={TONES[one.state]}>{t(`work.promise.${one.state}`)}</Tag> },
    { key: 'place', head: t('work.place'), only: 'wide', cell: (one) => <Moment at={one.entered_at} /> },
    { key: 'next', head: t('work.next'), only: 'widest', cell: (one) => <Moment at={one.next_at} /> },
    { key: 'tries', head: t('work.tries'), only: 'wide', number: true, cell: (one) => one.attempts },
    { key: 'outcome', head: t('work.outcome'), only: 'wide', cell: (one) => (one.outcome ? t(`work.outcomes.${one.outcome}`) : '–') },
    {
      key: 'open',
      head: t('do.act'),
      silent: true,
      number: true,
      cell: (one) => (
        <Button size="xs" variant="light" onClick={() => setOpen(one)}>
          {t('work.open')}
        </Button>
      ),
    },
  ];
  return (
    <Stack gap="md">
      <Group role="search">
        <Select w={200} size="sm" label={t('work.state')} placeholder={t('list.all')} clearable value={state} data={STATES.map((value) => ({ value, label: t(`work.promise.${value}`) }))} onChange={(value) => setState(value as Callback['state'] | null)} />
      </Group>
      <PagedTable list={list} label={t('work.callbacks')} columns={columns} id={(one) => one.id} mark="callback" icon="refresh" empty={t('work.noCallbacks')} />
      {open ? <Promise callback={open} onClose={() => setOpen(null)} /> : null}
    </Stack>
  );
}

function Promise({ callback, onClose }: { callback: Callback; onClose: () => void }) {
  const { t } = useTranslation();
  const { role } = useMe();
  const client = useQueryClient();
  const path = { id: callback.id };
  const known = useQuery({
    queryKey: ['callbacks', 'one', callback.id],
    queryFn: () => ask(api.GET('/api/v1/callbacks/{id}', { params: { path } })),
  });
  const cancel = useMutation({
    mutationFn: () => ask(api.DELETE('/api/v1/callbacks/{id}', { params: { path } })),
    onSuccess: async () => {
      tellDone(t('work.cancelled'));
      onClose();
      await client.invalidateQueries({ queryKey: ['callbacks'] });
    },
  });
  return (
    <Modal opened onClose={onClose} title={callback.number} closeButtonProps={{ 'aria-label': t('do.close') }}>
      <Stack gap="sm">
        <RowLink href={`/calls/${encodeURIComponent(callback.call_id)}`}>{t('cases.call')}</RowLink>
        {known.isPending ? <Loading /> : null}
        {known.error ? <Failure error={known.error} /> : null}
        <ol style={{ margin: 0, paddingLeft: 20 }}>
          {(known.data?.tried ?? []).map((attempt) => (
            <li key={attempt.id}>
              {t('work.attempt', { number: attempt.number })}: <Moment at={attempt.started_at} /> ·{' '}
              {attempt.outcome ? t(`work.outcomes.${attempt.outcome}`) : t('work.going')}
            </li>
          ))}
        </ol>
        {cancel.error ? <Failure error={cancel.error} /> : null}
        {leads(role) && callback.state === 'waiting' ? (
          <Button color="red.8" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            {t('work.cancel')}
          </Button>
        ) : null}
      </Stack>
    </Modal>
  );
}
