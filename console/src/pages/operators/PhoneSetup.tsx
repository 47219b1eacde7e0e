import { ActionIcon, Alert, Button, CopyButton, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { Icon } from '../../widgets/Icon';
import { Failure, Loading } from '../../widgets/Page';
import { QrCode } from '../../widgets/QrCode';
import { Moment } from '../../widgets/time';

/** A code and a link that set a softphone up, once and for a quarter of an hour; for who types it in, the same in words. */
export function PhoneSetup({ extension, name, onClose }: { extension: string; name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const made = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/operators/{extension}/phone-setup', { params: { path: { extension } } })),
  });
  const { mutate } = made;
  useEffect(() => mutate(), [mutate]);
  return (
    <Modal opened onClose={onClose} closeOnClickOutside={false} title={t('setup.of', { name })} closeButtonProps={{ 'aria-label': t('do.close') }}>
      {made.error ? <Failure error={made.error} retry={mutate} /> : null}
      {made.isPending ? <Loading /> : null}
      {made.data ? (
        <Stack>
          <Alert color="yellow" variant="light" icon={<Icon name="alert" />}>
            {t('setup.once')} <Moment at={made.data.expires_at} />
          </Alert>
          <QrCode text={made.data.link} label={t('setup.qr')} />
          <Group wrap="nowrap" gap="xs">
            <code className="mono foreign" data-link-once style={{ overflowWrap: 'anywhere' }}>
              {made.data.link}
            </code>
            <CopyButton value={made.data.link}>
              {({ copied, copy }) => (
                <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={t('secret.copy', { name: t('setup.link') })}>
                  <Icon name={copied ? 'check' : 'copy'} size={16} />
                </ActionIcon>
              )}
            </CopyButton>
          </Group>
          <Text size="sm" className="quiet foreign">
            {t('setup.byHand', { server: made.data.server, username: made.data.username, transport: made.data.transport.toUpperCase() })}
          </Text>
          <Group justify="space-between">
            <Button variant="subtle" onClick={() => mutate()}>
              {t('setup.another')}
            </Button>
            <Button onClick={onClose}>{t('do.close')}</Button>
          </Group>
        </Stack>
      ) : null}
    </Modal>
  );
}
