import { ActionIcon, Button, Modal, Stack, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schemas } from '../../api/client';
import { usePaged } from '../../api/paged';
import { leads, useMe } from '../../api/session';
import { PagedTable, type Column } from '../../widgets/DataTable';
import { Icon } from '../../widgets/Icon';
import { Failure } from '../../widgets/Page';
import { tellDone, tellFailed } from '../../widgets/tell';
import { Moment } from '../../widgets/time';

type Blocked = Schemas['DncOut'];

/** Who must never be called: to look at, to add to. */
export function DoNotCall() {
  const { t } = useTranslation();
  const [open, dialog] = useDisclosure(false);
  return (
    <>
      <Button variant="default" leftSection={<Icon name="phoneOff" size={16} />} onClick={dialog.open}>
        {t('dnc.title')}
      </Button>
      <Modal opened={open} onClose={dialog.close} size="xl" title={t('dnc.title')} closeButtonProps={{ 'aria-label': t('do.close') }}>
        {open ? <Numbers /> : null}
      </Modal>
    </>
  );
}

function Numbers() {
  const { t } = useTranslation();
  const { role } = useMe();
  const client = useQueryClient();
  const [typed, setTyped] = useState('');
  const list = usePaged<Blocked>(['dnc'], (cursor) => ask(api.GET('/api/v1/dnc', { params: { query: { limit: 100, cursor } } })));
  const refresh = () => client.invalidateQueries({ queryKey: ['dnc'] });
  const add = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/dnc', { body: { numbers: typed.split(/[\n,;]+/).map((one) => one.trim()).filter(Boolean) } })),
    onSuccess: async (done) => {
      tellDone(t('dnc.added', { added: done.added, known: done.known, refused: done.refused.length }));
      setTyped(done.refused.map((one) => one.value).join('\n'));
      await refresh();
    },
  });
  const remove = useMutation({
    mutationFn: (one: Blocked) => ask(api.DELETE('/api/v1/dnc/{number}', { params: { path: { number: one.number }, query: one.client === null ? { everybody: true } : { client: one.client } } })),
    onSuccess: refresh,
    onError: (error) => tellFailed(t('failure.other'), error),
  });
  const columns: Column<Blocked>[] = [
    { key: 'number', head: t('dnc.number'), cell: (one) => <b className="foreign">{one.number}</b> },
    { key: 'source', head: t('dnc.source'), only: 'wide', cell: (one) => <span className="foreign">{one.source} · {one.client ?? t('dnc.all')}</span> },
    { key: 'by', head: t('dnc.by'), only: 'wide', cell: (one) => <span className="foreign">{one.by}</span> },
    { key: 'at', head: t('dnc.at'), cell: (one) => <Moment at={one.added_at} /> },
    {
      key: 'acts',
      head: t('do.act'),
      silent: true,
      number: true,
      cell: (one) =>
        leads(role) ? (
          <ActionIcon variant="subtle" color="gray" aria-label={t('dnc.remove', { number: one.number })} onClick={() => remove.mutate(one)}>
            <Icon name="trash" size={16} />
          </ActionIcon>
        ) : null,
    },
  ];
  return (
    <Stack>
      {leads(role) ? (
        <>
          <Textarea label={t('dnc.numbers')} autosize minRows={2} maxRows={8} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
          {add.error ? <Failure error={add.error} /> : null}
          <Button disabled={typed.trim() === ''} loading={add.isPending} onClick={() => add.mutate()}>
            {t('dnc.add')}
          </Button>
        </>
      ) : null}
      <PagedTable list={list} label={t('dnc.title')} columns={columns} id={(one) => `${one.number}:${one.client ?? ''}`} mark="dnc" icon="phoneOff" empty={t('dnc.none')} />
    </Stack>
  );
}
