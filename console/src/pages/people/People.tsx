import { ActionIcon, Button, Modal, PasswordInput, Select, Stack, Switch, Table, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Role, type Schemas } from '../../api/client';
import { useMe } from '../../api/session';
import { Icon } from '../../widgets/Icon';
import { Failure, Loading, Page } from '../../widgets/Page';
import { Tag } from '../../widgets/StatePill';
import { tellDone, tellFailed } from '../../widgets/tell';

type User = Schemas['UserOut'];
type GivenRole = Exclude<Role, 'operator'>;
const ROLES: GivenRole[] = ['supervisor', 'admin', 'auditor', 'client'];

/** The people of the console who are not operators. */
export default function People() {
  const { t } = useTranslation();
  const me = useMe();
  const users = useQuery({ queryKey: ['users'], queryFn: async () => (await ask(api.GET('/api/v1/users'))).items });
  if (users.isPending) return <Loading />;
  if (users.isError) return <Failure error={users.error} retry={() => void users.refetch()} />;
  return (
    <Page title={t('nav.people')} actions={me.role === 'admin' ? <NewUser /> : null}>
      <div className="card scroll-x" tabIndex={0} role="region" aria-label={t('nav.people')}>
        <Table verticalSpacing="sm" horizontalSpacing="md" fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('people.name')}</Table.Th>
              <Table.Th>{t('people.role')}</Table.Th>
              <Table.Th>{t('people.factor')}</Table.Th>
              <Table.Th>{t('people.access')}</Table.Th>
              <Table.Th aria-label={t('do.act')} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {users.data.map((user) => (
              <UserRow key={user.username} user={user} acts={me.role === 'admin' && user.username !== me.username} />
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </Page>
  );
}

function UserRow({ user, acts }: { user: User; acts: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const path = { username: user.username };
  const refresh = () => client.invalidateQueries({ queryKey: ['users'] });
  const failed = (error: unknown) => tellFailed(t('failure.conflict'), error);
  const change = useMutation({
    mutationFn: (body: { role?: GivenRole; enabled?: boolean }) =>
      ask(api.PATCH('/api/v1/users/{username}', { params: { path }, body })),
    onSuccess: refresh,
    onError: failed,
  });
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE('/api/v1/users/{username}', { params: { path } })),
    onSuccess: refresh,
    onError: failed,
  });
  const [sure, asking] = useDisclosure(false);
  return (
    <Table.Tr data-user={user.username}>
      <Table.Td fw={570} className="foreign">
        {user.username} {user.client ? <span className="quiet">{user.client}</span> : null}
      </Table.Td>
      <Table.Td>
        {acts ? (
          <Select
            size="xs"
            w={150}
            aria-label={t('people.roleOf', { name: user.username })}
            data={ROLES.filter((role) => role !== 'client' || user.client).map((value) => ({ value, label: t(`role.${value}`) }))}
            value={user.role}
            onChange={(role) => role && change.mutate({ role: role as GivenRole })}
            allowDeselect={false}
          />
        ) : (
          t(`role.${user.role}`)
        )}
      </Table.Td>
      <Table.Td>
        <Tag tone={user.second_factor ? 'good' : 'rest'}>{user.second_factor ? t('people.factorOn') : t('people.factorOff')}</Tag>
      </Table.Td>
      <Table.Td>
        {acts ? (
          <Switch
            size="sm"
            checked={user.enabled}
            onChange={(event) => change.mutate({ enabled: event.currentTarget.checked })}
            aria-label={t('people.enabledOf', { name: user.username })}
          />
        ) : user.enabled ? (
          t('people.on')
        ) : (
          t('people.off')
        )}
      </Table.Td>
      <Table.Td ta="right">
        {acts ? (
          <ActionIcon variant="subtle" color="gray" aria-label={t('people.removeOf', { name: user.username })} onClick={asking.open}>
            <Icon name="trash" size={16} />
          </ActionIcon>
        ) : null}
        <Modal opened={sure} onClose={asking.close} title={t('people.removeSure', { name: user.username })} closeButtonProps={{ 'aria-label': t('do.close') }}>
          <Button color="red.8" fullWidth loading={remove.isPending} onClick={() => remove.mutate()}>
            {t('people.remove')}
          </Button>
        </Modal>
      </Table.Td>
    </Table.Tr>
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
