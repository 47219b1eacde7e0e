import { Alert, Button, Group, Loader, Stack, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Refused } from '../api/client';
import { Icon } from './Icon';

/** A page's frame: title, what can be done, content. */
export function Page({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  useDocumentTitle(`${title} · Ramal`);
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm" mih={36}>
        <Title order={1} className="foreign">
          {title}
        </Title>
        {actions ? <Group gap="xs">{actions}</Group> : null}
      </Group>
      {children}
    </Stack>
  );
}

/** A refusal in words; what the server said stands below. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  const status = error instanceof Refused ? error.status : -1;
  const known = { 0: 'network', 403: 'forbidden', 404: 'notFound', 409: 'conflict', 429: 'tooMany' } as const;
  const word = status in known ? known[status as keyof typeof known] : 'other';
  const detail = error instanceof Error ? error.message : String(error);
  return (
    <Alert color="red" variant="light" icon={<Icon name="alert" />} title={t(`failure.${word}`)} role="alert">
      <span className="foreign">{status === 0 ? t('failure.networkHint') : detail}</span>
      {retry ? (
        <Button mt="xs" size="xs" variant="default" onClick={retry} display="block">
          {t('do.retry')}
        </Button>
      ) : null}
    </Alert>
  );
}

export function Loading() {
  const { t } = useTranslation();
  return (
    <Group justify="center" p="xl" role="status" aria-label={t('loading')}>
      <Loader size="sm" type="dots" />
    </Group>
  );
}

/** What a list says when there is nothing in it. */
export function Empty({ icon, children }: { icon: Parameters<typeof Icon>[0]['name']; children: ReactNode }) {
  return (
    <Stack align="center" gap={6} p="xl" className="quiet" ta="center">
      <Icon name={icon} size={28} />
      <div>{children}</div>
    </Stack>
  );
}
