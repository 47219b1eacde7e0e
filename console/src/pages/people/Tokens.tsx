import { ActionIcon, Button, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Role, type Schemas } from '../../api/client';
import { serverNow } from '../../api/live';
import { usePaged } from '../../api/paged';
import { useMe } from '../../api/session';
import { PagedTable, type Column } from '../../widgets/DataTable';
import { Icon } from '../../widgets/Icon';
import { Failure, Page } from '../../widgets/Page';
import { tellFailed } from '../../widgets/tell';
import { Moment } from '../../widgets/time';
import { ToldOnce } from '../../widgets/ToldOnce';

type Token = Schemas['TokenOut'];
const ROLES: Exclude<Role, 'client'>[] = ['auditor', 'supervisor', 'admin', 'operator'];
const DAYS = ['30', '90', '365'];

/** What programs sign in with. A token is told once; its hash is kept. */
export default function Tokens() {
  const { t } = useTranslation();
  const { role } = useMe();
  const tokens = usePaged<Token>(['tokens'], (cursor) => ask(api.GET('/api/v1/tokens', { params: { query: { limit: 100, cursor } } })), 30_000);
  const columns: Column<Token>[] = [
    { key: 'name', head: t('token.name'), cell: (token) => <b className="foreign">{token.name}</b> },
    { key: 'role', head: t('people.role'), cell: (token) => `${t(`role.${token.role}`)} ${token.operator ?? token.client ?? ''}` },
    { key: 'created', head: t('token.created'), only: 'wide', cell: (token) => <Moment at={token.created_at} /> },
    { key: 'expires', head: t('token.expires'), only: 'wide', cell: (token) => (token.expires_at ? <Moment at={token.expires_at} /> : t('token.never')) },
    { key: 'acts', head: t('do.act'), silent: true, number: true, cell: (token) => (role === 'admin' ? <Revoke token={token} /> : null) },
  ];
  return (
    <Page title={t('token.title')} actions={role === 'admin' ? <NewToken /> : null}>
      <PagedTable list={tokens} label={t('token.title')} columns={columns} id={(token) => token.id} mark="token" icon="key" row_px={50} empty={t('token.none')} />
    </Page>
  );
}

function Revoke({ token }: { token: Token }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [sure, asking] = useDisclosure(false);
  const revoke = useMutation({
    mutationFn: () => ask(api.DELETE('/api/v1/tokens/{id}', { params: { path: { id: token.id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['tokens'] }),
    onError: (error) => tellFailed(t('failure.other'), error),
  });
  return (
    <>
      <ActionIcon variant="subtle" color="gray" aria-label={t('token.revokeOf', { name: token.name })} onClick={asking.open}>
        <Icon name="trash" size={16} />
      </ActionIcon>
      <Modal opened={sure} onClose={asking.close} title={t('token.revokeSure', { name: token.name })} closeButtonProps={{ 'aria-label': t('do.close') }}>
        <Button color="red.8" fullWidth loading={revoke.isPending} onClick={() => revoke.mutate()}>
          {t('token.revoke')}
        </Button>
      </Modal>
    </>
  );
}

function NewToken() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [open, dialog] = useDisclosure(false);
  const [name, setName] = useState('');
  const [role, setRole] = useState<Exclude<Role, 'client'>>('auditor');
  const [operator, setOperator] = useState('');
  const [days, setDays] = useState<string | null>('90');
  const issue = useMutation({
    mutationFn: () =>
      ask(
        api.POST('/api/v1/tokens', {
          body: {
            name,
            role,
            operator: role === 'operator' ? operator : undefined,
            expires_at: days === null ? undefined : new Date(serverNow() + Number(days) * 86_400_000).toISOString(),
          },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ['tokens'] }),
  });

  function close() {
    dialog.close();
    issue.reset();
    setName('');
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    issue.mutate();
  }

  return (
    <>
      <Button leftSection={<Icon name="plus" size={16} />} onClick={dialog.open}>
        {t('token.new')}
      </Button>
      <Modal opened={open} onClose={close} closeOnClickOutside={!issue.data} title={t('token.new')} closeButtonProps={{ 'aria-label': t('do.close') }}>
        {issue.data ? (
          <ToldOnce value={issue.data.token ?? ''} name={t('token.value')} words={t('token.once')} onDone={close} />
        ) : (
          <form onSubmit={submit}>
            <Stack>
              <TextInput label={t('token.name')} required maxLength={120} value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
              <Select label={t('token.role')} allowDeselect={false} value={role} data={ROLES.map((value) => ({ value, label: t(`role.${value}`) }))} onChange={(value) => setRole((value ?? 'auditor') as typeof role)} />
              {role === 'operator' ? <TextInput label={t('token.operator')} required pattern="[0-9]{2,8}" value={operator} onChange={(event) => setOperator(event.currentTarget.value)} /> : null}
              <Select label={t('token.days')} placeholder={t('token.never')} clearable value={days} data={DAYS.map((value) => ({ value, label: t('token.day', { count: Number(value) }) }))} onChange={setDays} />
              {issue.error ? <Failure error={issue.error} /> : null}
              <Button type="submit" loading={issue.isPending}>
                {t('token.new')}
              </Button>
            </Stack>
          </form>
        )}
      </Modal>
    </>
  );
}
