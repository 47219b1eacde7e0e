import { ActionIcon, Alert, Button, CopyButton, Group, Modal, SegmentedControl, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { Icon } from '../../widgets/Icon';
import { Failure, Loading } from '../../widgets/Page';
import { QrCode } from '../../widgets/QrCode';
import { Moment } from '../../widgets/time';

const SOFTPHONES = ['linphone', 'acrobits', 'microsip'] as const;
type Softphone = (typeof SOFTPHONES)[number];
const NAMES: Record<Softphone, string> = { linphone: 'Linphone', acrobits: 'Groundwire', microsip: 'MicroSIP' };
/** Read on a computer from a file beside the program: there is nothing to scan. */
const FROM_FILE: Softphone = 'microsip';

/** A code and a link that set a softphone up, once and for a quarter of an hour; for who types it in, the same in words. */
export function PhoneSetup({ extension, name, onClose }: { extension: string; name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [softphone, setSoftphone] = useState<Softphone>('linphone');
  const made = useMutation({
    mutationFn: (wanted: Softphone) =>
      ask(api.POST('/api/v1/operators/{extension}/phone-setup', { params: { path: { extension }, query: { softphone: wanted } } })),
  });
  const { mutate } = made;
  useEffect(() => mutate(softphone), [mutate, softphone]);
  return (
    <Modal opened onClose={onClose} closeOnClickOutside={false} title={t('setup.of', { name })} closeButtonProps={{ 'aria-label': t('do.close') }}>
      <Stack>
        <SegmentedControl
          withItemsBorders={false}
          aria-label={t('setup.softphone')}
          value={softphone}
          onChange={(value) => setSoftphone(value as Softphone)}
          data={SOFTPHONES.map((value) => ({ value, label: NAMES[value] }))}
        />
        {made.error ? <Failure error={made.error} retry={() => mutate(softphone)} /> : null}
        {made.isPending ? <Loading /> : null}
        {made.data ? (
          <>
            <Text size="sm">{t(`setup.hint.${softphone}`)}</Text>
            <Alert color="yellow" variant="light" icon={<Icon name="alert" />}>
              {t('setup.once')} <Moment at={made.data.expires_at} />
            </Alert>
            {softphone === FROM_FILE ? (
              <Button component="a" href={made.data.link} download="microsip.ini" leftSection={<Icon name="download" size={16} />}>
                {t('setup.save')}
              </Button>
            ) : (
              <QrCode text={made.data.link} label={t('setup.qr')} />
            )}
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
              <Button variant="subtle" onClick={() => mutate(softphone)}>
                {t('setup.another')}
              </Button>
              <Button onClick={onClose}>{t('do.close')}</Button>
            </Group>
          </>
        ) : null}
      </Stack>
    </Modal>
  );
}
