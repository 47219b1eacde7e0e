import { Button, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schemas } from '../../api/client';
import { useMe } from '../../api/session';
import { DataTable, type Column } from '../../widgets/DataTable';
import { Icon } from '../../widgets/Icon';
import { Failure, Loading, Page } from '../../widgets/Page';
import { RowLink } from '../../widgets/RowLink';
import { Tag } from '../../widgets/StatePill';
import { Moment } from '../../widgets/time';
import { ToldOnce } from '../../widgets/ToldOnce';
import { WebhookForm, type WebhookDraft } from './WebhookForm';

export type Webhook = Schemas['WebhookOut'];

/** Which other systems are told of what happens. */
export default function Webhooks() {
  const { t } = useTranslation();
  const { role } = useMe();
  const known = useQuery({ queryKey: ['webhooks'], queryFn: async () => (await ask(api.GET('/api/v1/webhooks'))).items });
  const columns: Column<Webhook>[] = [
    { key: 'url', head: t('webhook.url'), width: 45, cell: (one) => <RowLink href={`/webhooks/${encodeURIComponent(one.id)}`}>{one.url}</RowLink> },
    { key: 'events', head: t('webhook.events'), only: 'wide', cell: (one) => <span className="mono foreign">{one.events.join(', ')}</span> },
    { key: 'state', head: t('webhook.state'), cell: (one) => <OnOff on={one.enabled} /> },
    { key: 'created', head: t('webhook.created'), only: 'wide', cell: (one) => <Moment at={one.created_at} /> },
  ];
  if (known.isPending) return <Loading />;
  if (known.isLoadingError) return <Failure error={known.error} retry={() => void known.refetch()} />;
  return (
    <Page title={t('nav.webhooks')} actions={role === 'admin' ? <NewWebhook /> : null}>
      <Text className="quiet" size="sm" maw={720}>
        {t('webhook.hint')}
      </Text>
      <DataTable label={t('nav.webhooks')} columns={columns} rows={known.data} id={(one) => one.id} mark="webhook" icon="send" empty={t('webhook.none')} />
    </Page>
  );
}

export function OnOff({ on }: { on: boolean }) {
  const { t } = useTranslation();
  return <Tag tone={on ? 'good' : 'rest'}>{on ? t('webhook.on') : t('webhook.off')}</Tag>;
}

function NewWebhook() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [open, dialog] = useDisclosure(false);
  const add = useMutation({
    mutationFn: (body: WebhookDraft) => ask(api.POST('/api/v1/webhooks', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['webhooks'] }),
  });

  function close() {
    dialog.close();
    add.reset();
  }

  return (
    <>
      <Button leftSection={<Icon name="plus" size={16} />} onClick={dialog.open}>
        {t('webhook.new')}
      </Button>
      <Modal opened={open} onClose={close} size="lg" closeOnClickOutside={!add.data} title={t('webhook.new')} closeButtonProps={{ 'aria-label': t('do.close') }}>
        {add.data ? (
          <ToldOnce value={add.data.secret ?? ''} name={t('webhook.secret')} words={t('webhook.once')} onDone={close} />
        ) : (
          <WebhookForm error={add.error} busy={add.isPending} act={t('webhook.new')} onSubmit={(draft) => add.mutate(draft)} />
        )}
      </Modal>
    </>
  );
}
