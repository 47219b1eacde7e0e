import { ActionIcon, Alert, Button, CopyButton, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../widgets/Icon';
import classes from './Operators.module.css';

interface Told {
  extension: string;
  password: string;
  console_password: string;
  pin: string;
}

/** The secrets of an operator, told once. */
export function Secrets({ told, onDone }: { told: Told; onDone: () => void }) {
  const { t } = useTranslation();
  return (
    <Stack>
      <Alert color="yellow" variant="light" icon={<Icon name="alert" />}>
        {t('secret.once')}
      </Alert>
      <dl className={classes.secrets}>
        <Secret name={t('secret.phone')} value={told.password} />
        <Secret name={t('secret.console')} value={told.console_password} />
        <Secret name={t('secret.pin')} value={told.pin} />
      </dl>
      <Text size="sm" className="quiet">
        {t('setup.where')}
      </Text>
      <Button onClick={onDone}>{t('secret.done')}</Button>
    </Stack>
  );
}

function Secret({ name, value }: { name: string; value: string }) {
  const { t } = useTranslation();
  return (
    <>
      <dt>{name}</dt>
      <dd className="mono foreign">{value}</dd>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={t('secret.copy', { name })}>
            <Icon name={copied ? 'check' : 'copy'} size={16} />
          </ActionIcon>
        )}
      </CopyButton>
    </>
  );
}
