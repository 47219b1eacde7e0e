import { ActionIcon, Button, Modal, PasswordInput, Select, Stack, Switch, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Role, type Schemas } from '../../api/client';
import { usePaged } from '../../api/paged';
import { useMe } from '../../api/session';
import { PagedTable, type Column } from '../../widgets/DataTable';
import { Icon } from '../../widgets/Icon';
import { Failure, Page } from '../../widgets/Page';
import { Tag } from '../../widgets/StatePill';
import { tellDone, tellFailed } from '../../widgets/tell';

type User = Schemas['UserOut'];
type GivenRole = Exclude<Role, 'operator'>;
const ROLES: GivenRole[] = ['supervisor', 'admin', 'auditor', 'client'];

/** The people of the console who are not operators. */
export default function People() {
  const { t } = useTranslation();
  const me = useMe();
  const users = usePaged<User>(['users'], (cursor) => ask(api.GET('/api/v1/users', { params: { query: { limit: 100, cursor } } })), 30_000);
  const acts = (user: User) => me.role === 'admin' && user.username !== me.username;
  const columns: Column<User>[] = [
    { key: 'name', head: t('people.name'), cell: (user) => <Name user={user} /> },
    { key: 'role', head: t('people.role'), cell: (user) => <RoleOf user={user} acts={acts(user)} /> },
    { key: 'factor', head: t('people.factor'), only: 'wide', cell: (user) => <Tag tone={user.second_factor ? 'good' : 'rest'}>{user.second_factor ? t('people.factorOn') : t('people.factorOff')}</Tag> },
    { key: 'access', head: t('people.access'), cell: (user) => <Access user={user} acts={acts(user)} /> },
    { key: 'acts', head: t('do.act'), silent: true, number: true, cell: (user) => (acts(user) ? <Remove user={user} /> : null) },
  ];
  return (
    <Page title={t('nav.people')} actions={me.role === 'admin' ? <NewUser /> : null}>
      <PagedTable list={users} label={t('nav.people')} columns={columns} id={(user) => user.username} mark="user" icon="users" row_px={52} empty={t('list.none')} />
    </Page>
  );
}

function Name({ user }: { user: User }) {
  return (
    <b className="foreign">
      {user.username} {user.client ? <span className="quiet">{user.client}</span> : null}
    </b>
  );
}

function useChange(user: User) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { role?: GivenRole; enabled?: boolean }) =>
      ask(api.PATCH('/api/v1/users/{username}', { params: { path: { username: user.username } }, body })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['users'] }),
    onError: (error) => tellFailed(t('failure.conflict'), error),
  });
}

function RoleOf({ user, acts }: { user: User; acts: boolean }) {
  const { t } = useTranslation();
  const change = useChange(user);
  if (!acts) return t(`role.${user.role}`);
  return (
    <Select
      size="xs"
      w={150}
      aria-label={t('people.roleOf', { name: user.username })}
      data={ROLES.filter((role) => role !== 'client' || user.client).map((value) => ({ value, label: t(`role.${value}`) }))}
      value={user.role}
      onChange={(role) => role && change.mutate({ role: role as GivenRole })}
      allowDeselect={false}
    />
  );
}

function Access({ user, acts }: { user: User; acts: boolean }) {
  const { t } = useTranslation();
  const change = useChange(user);
  if (!acts) return user.enabled ? t('people.on') : t('people.off');
  return (
    <Switch
      size="sm"
      checked={user.enabled}
      onChange={(event) => change.mutate({ enabled: event.currentTarget.checked })}
      aria-label={t('people.enabledOf', { name: user.username })}
    />
  );
}

function Remove({ user }: { user: User }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [sure, asking] = useDisclosure(false);
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE('/api/v1/users/{username}', { params: { path: { username: user.username } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['users'] }),
    onError: (error) => tellFailed(t('failure.conflict'), error),
  });
  return (
    <>
      <ActionIcon variant="subtle" color="gray" aria-label={t('people.removeOf', { name: user.username })} onClick={asking.open}>
        <Icon name="trash" size={16} />
      </ActionIcon>
      <Modal opened={sure} onClose={asking.close} title={t('people.removeSure', { name: user.username })} closeButtonProps={{ 'aria-label': t('do.close') }}>
        <Button color="red.8" fullWidth loading={remove.isPending} onClick={() => remove.mutate()}>
          {t('people.remove')}
        </Button>
      </Modal>
    </>
  );
}

function NewUser() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [open, dialog] = useDisclosure(false);
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState<Exclude<GivenRole, 'client'>>('supervisor');
  const create = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/users', { body: { username, password, role } })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['users'] });
      tellDone(t('people.created', { name: username }));
      setUsername('');
      setPassword('');
      dialog.close();
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    create.mutate();
  }

  return (
    <>
      <Button leftSection={<Icon name="plus" size={16} />} onClick={dialog.open}>
        {t('people.new')}
      </Button>
      <Modal opened={open} onClose={dialog.close} title={t('people.new')} closeButtonProps={{ 'aria-label': t('do.close') }}>
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              label={t('people.name')}
              description={t('people.nameHint')}
              value={username}
              onChange={(event) => setUsername(event.currentTarget.value)}
              pattern="[a-z][a-z0-9._\-]{1,31}"
              required
              data-autofocus
            />
            <PasswordInput
              label={t('signIn.password')}
              description={t('people.passwordHint')}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              minLength={12}
              autoComplete="new-password"
              visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
              required
            />
            <Select
              label={t('people.role')}
              data={(['supervisor', 'admin', 'auditor'] as const).map((value) => ({ value, label: t(`role.${value}`) }))}
              value={role}
              onChange={(value) => setRole((value ?? 'supervisor') as typeof role)}
              allowDeselect={false}
            />
            {create.error ? <Failure error={create.error} /> : null}
            <Button type="submit" loading={create.isPending}>
              {t('do.save')}
            </Button>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
