import { Box, Button, Group, Modal, PasswordInput, PinInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Refused } from '../api/client';
import { useSession } from '../api/session';
import { LanguagePicker } from '../shell/LanguagePicker';
import { ThemeSwitch } from '../shell/ThemeSwitch';
import { Failure } from '../widgets/Page';
import classes from './SignIn.module.css';

/** Name or extension, password, and the code where a second factor is set up. */
function SignInForm({ username: fixed }: { username?: string }) {
  const { t } = useTranslation();
  const { signIn } = useSession();
  const [username, setUsername] = useState(fixed ?? '');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [withCode, setWithCode] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await signIn(username.trim(), password, withCode && code.length === 6 ? code : undefined);
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  }

  const wrong = error instanceof Refused && error.status === 401;
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <TextInput
          label={t('signIn.name')}
          description={t('signIn.nameHint')}
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
          autoComplete="username"
          autoFocus={fixed === undefined}
          readOnly={fixed !== undefined}
          required
          withAsterisk={false}
          maxLength={64}
        />
        <PasswordInput
          label={t('signIn.password')}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
          autoFocus={fixed !== undefined}
          visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
          required
          withAsterisk={false}
          maxLength={256}
        />
        {withCode ? (
          <Box>
            <Text size="sm" fw={500} mb={4}>
              {t('signIn.code')}
            </Text>
            <PinInput length={6} type="number" oneTimeCode autoFocus aria-label={t('signIn.code')} onChange={setCode} />
          </Box>
        ) : null}
        {wrong ? (
          <Text c="var(--bad)" size="sm" role="alert">
            {t('signIn.wrong')}
          </Text>
        ) : error === null ? null : (
          <Failure error={error} />
        )}
        <Button type="submit" loading={busy} size="md" fullWidth>
          {t('signIn.go')}
        </Button>
        {withCode ? null : (
          <Button variant="subtle" size="xs" onClick={() => setWithCode(true)}>
            {t('signIn.haveCode')}
          </Button>
        )}
      </Stack>
    </form>
  );
}

export function SignIn() {
  const { t } = useTranslation();
  useDocumentTitle(`${t('signIn.title')} · Ramal`);
  return (
    <div className={classes.page}>
      <Group justify="flex-end" gap={4} className={classes.corner}>
        <LanguagePicker />
        <ThemeSwitch />
      </Group>
      <main className={classes.main}>
        <Group gap="sm" mb="lg">
          <img src="/favicon.svg" alt="" width={40} height={40} />
          <div>
            <Title order={1}>Ramal</Title>
            <Text size="sm" className="quiet">
              {t('signIn.tagline')}
            </Text>
          </div>
        </Group>
        <div className={`card ${classes.form}`}>
          <SignInForm />
        </div>
      </main>
    </div>
  );
}

/** Above a page whose session ran out: a call in the browser goes on below. */
export function SignInAgain({ username }: { username: string }) {
  const { t } = useTranslation();
  const { signOut } = useSession();
  return (
    <Modal opened onClose={() => undefined} withCloseButton={false} title={t('signIn.expired')} centered>
      <Text size="sm" mb="md" className="quiet">
        {t('signIn.expiredHint')}
      </Text>
      <SignInForm username={username} />
      <Button variant="subtle" size="xs" mt="sm" fullWidth onClick={() => void signOut()}>
        {t('signIn.other')}
      </Button>
    </Modal>
  );
}
