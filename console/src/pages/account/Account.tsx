import { Button, Group, Modal, PasswordInput, PinInput, Stack, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { useMe, useSession } from '../../api/session';
import { Failure, Page } from '../../widgets/Page';
import { QrCode } from '../../widgets/QrCode';
import { tellDone } from '../../widgets/tell';

/** One's own access: password and second factor. */
export default function Account() {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <Page title={t('account.title')}>
      <Password />
      {me.role === 'operator' ? null : <Factor />}
    </Page>
  );
}

function Password() {
  const { t } = useTranslation();
  const { signOut } = useSession();
  const [draft, setDraft] = useState({ old: '', fresh: '', again: '', code: '' });
  const different = draft.again !== '' && draft.fresh !== draft.again;
  const change = useMutation({
    mutationFn: () => ask(api.PUT('/api/v1/session/password', { body: { password: draft.old, new_password: draft.fresh, code: draft.code || undefined } })),
    onSuccess: async () => {
      tellDone(t('account.changed'));
      await signOut();
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!different) change.mutate();
  }

  const field = (name: 'old' | 'fresh' | 'again', autoComplete: string) => ({
    value: draft[name],
    autoComplete,
    required: true,
    withAsterisk: false,
    maxLength: 256,
    visibilityToggleButtonProps: { 'aria-label': t('signIn.show') },
    onChange: (event: { currentTarget: { value: string } }) => setDraft({ ...draft, [name]: event.currentTarget.value }),
  });
  return (
    <section className="card" style={{ padding: 18, maxWidth: 520 }} aria-label={t('account.password')}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Title order={2}>{t('account.password')}</Title>
          <Text size="sm" className="quiet">
            {t('account.signsOut')}
          </Text>
          <PasswordInput label={t('account.old')} {...field('old', 'current-password')} />
          <PasswordInput label={t('account.new')} description={t('people.passwordHint')} minLength={12} {...field('fresh', 'new-password')} />
          <PasswordInput label={t('account.again')} error={different ? t('account.different') : undefined} {...field('again', 'new-password')} />
          <Code onChange={(code) => setDraft({ ...draft, code })} optional />
          {change.error ? <Failure error={change.error} /> : null}
          <Group>
            <Button type="submit" loading={change.isPending}>
              {t('account.change')}
            </Button>
          </Group>
        </Stack>
      </form>
    </section>
  );
}

function Code({ onChange, optional = false }: { onChange: (code: string) => void; optional?: boolean }) {
  const { t } = useTranslation();
  const me = useMe();
  const [shown, setShown] = useState(!optional);
  if (me.role === 'operator') return null;
  if (!shown) {
    return (
      <Group>
        <Button variant="subtle" size="xs" onClick={() => setShown(true)}>
          {t('signIn.haveCode')}
        </Button>
      </Group>
    );
  }
  return (
    <div>
      <Text size="sm" fw={500} mb={4}>
        {t('signIn.code')}
      </Text>
      <PinInput length={6} type="number" oneTimeCode aria-label={t('signIn.code')} onChange={onChange} />
    </div>
  );
}

function Factor() {
  const { t } = useTranslation();
  const { signOut } = useSession();
  const [code, setCode] = useState('');
  const [removing, setRemoving] = useState(false);
  const start = useMutation({ mutationFn: () => ask(api.POST('/api/v1/session/second-factor')) });
  const confirm = useMutation({
    mutationFn: (secret: string) => ask(api.PUT('/api/v1/session/second-factor', { body: { secret, code } })),
    onSuccess: async () => {
      tellDone(t('account.started'));
      await signOut();
    },
  });
  return (
    <section className="card" style={{ padding: 18, maxWidth: 520 }} aria-label={t('account.factor')}>
      <Stack gap="sm">
        <Title order={2}>{t('account.factor')}</Title>
        <Text size="sm" className="quiet">
          {t('account.factorHint')}
        </Text>
        {start.error ? <Failure error={start.error} /> : null}
        {start.data ? (
          <>
            <Text>{t('account.scan')}</Text>
            <QrCode text={start.data.uri} label={t('account.scan')} />
            <div>
              <Text size="sm" className="quiet">
                {t('account.secret')}
              </Text>
              <code className="mono foreign" data-secret>
                {start.data.secret}
              </code>
            </div>
            <Code onChange={setCode} />
            {confirm.error ? <Failure error={confirm.error} /> : null}
            <Group>
              <Button disabled={code.length !== 6} loading={confirm.isPending} onClick={() => confirm.mutate(start.data.secret)}>
                {t('account.confirm')}
              </Button>
            </Group>
          </>
        ) : (
          <Group>
            <Button loading={start.isPending} onClick={() => start.mutate()}>
              {t('account.start')}
            </Button>
            <Button variant="subtle" onClick={() => setRemoving(true)}>
              {t('account.remove')}
            </Button>
          </Group>
        )}
      </Stack>
      {removing ? <RemoveFactor onClose={() => setRemoving(false)} /> : null}
    </section>
  );
}

function RemoveFactor({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE('/api/v1/session/second-factor', { body: { password, code } })),
    onSuccess: () => {
      tellDone(t('account.removed'));
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={t('account.remove')} closeButtonProps={{ 'aria-label': t('do.close') }}>
      <Stack>
        <PasswordInput label={t('account.old')} value={password} onChange={(event) => setPassword(event.currentTarget.value)} autoComplete="current-password" visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }} data-autofocus />
        <Code onChange={setCode} />
        {remove.error ? <Failure error={remove.error} /> : null}
        <Button color="red.8" disabled={code.length !== 6 || password === ''} loading={remove.isPending} onClick={() => remove.mutate()}>
          {t('account.remove')}
        </Button>
      </Stack>
    </Modal>
  );
}
