import { ActionIcon, Alert, Button, CopyButton, Group, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Icon } from './Icon';

/** A secret that the server tells this once: to copy, then to close. */
export function ToldOnce({ value, name, words, onDone }: { value: string; name: string; words: string; onDone: () => void }) {
  const { t } = useTranslation();
  return (
    <Stack>
      <Alert color="yellow" variant="light" icon={<Icon name="alert" />}>
        {words}
      </Alert>
      <Group wrap="nowrap">
        <code className="mono foreign" data-told>
          {value}
        </code>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={t('secret.copy', { name })}>
              <Icon name={copied ? 'check' : 'copy'} size={16} />
            </ActionIcon>
          )}
        </CopyButton>
      </Group>
      <Button onClick={onDone}>{t('secret.done')}</Button>
    </Stack>
  );
}
