import { Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useParams } from 'wouter';
import { api, ask } from '../../api/client';
import { useMe } from '../../api/session';
import { Icon } from '../../widgets/Icon';
import { Failure, Loading, Page } from '../../widgets/Page';
import { tellDone, tellFailed } from '../../widgets/tell';
import { ToldOnce } from '../../widgets/ToldOnce';
import { Deliveries } from './Deliveries';
import { WebhookForm, type WebhookDraft } from './WebhookForm';
import { OnOff, type Webhook } from './Webhooks';

/** One receiver: switched on or off, tried, given a new secret; what it was told and what it refused. */
export default function WebhookPage() {
  const { t } = useTranslation();
  const { role } = useMe();
  const { id = '' } = useParams<{ id: string }>();
  const found = useQuery({
    queryKey: ['webhooks', 'one', id],
    queryFn: () => ask(api.GET('/api/v1/webhooks/{id}', { params: { path: { id } } })),
    refetchInterval: 10_000,
  });
  if (found.isPending) return <Loading />;
  if (found.data === undefined) return <Failure error={found.error} retry={() => void found.refetch()} />;
  const webhook = found.data;
  return (
    <Page
      title={webhook.url}
      actions={
        <>
          <OnOff on={webhook.enabled} />
          <Button component={Link} href="/webhooks" variant="default" size="xs" leftSection={<Icon name="arrowLeft" size={15} />}>
            {t('webhook.back')}
          </Button>
        </>
      }
    >
      <Group gap="xs" justify="space-between">
        <span className="mono foreign">{webhook.events.join(', ')}</span>
        {role === 'admin' ? <Acts webhook={webhook} /> : null}
      </Group>
      <Deliveries webhook={webhook} acts={role === 'admin'} />
    </Page>
  );
}

type Asked = 'edit' | 'rotate' | 'remove' | null;

function Acts({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [asked, setAsked] = useState<Asked>(null);
  const path = { id: webhook.id };
  const refresh = () => client.invalidateQueries({ queryKey: ['webhooks'] });
  const failed = (error: unknown) => tellFailed(t('failure.conflict'), error);
  const change = useMutation({
    mutationFn: (body: Partial<WebhookDraft> & { enabled?: boolean }) => ask(api.PATCH('/api/v1/webhooks/{id}', { params: { path }, body })),
    onSuccess: async () => {
      setAsked(null);
      await refresh();
    },
  });
  const test = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/webhooks/{id}/test', { params: { path } })),
    onSuccess: async () => {
      tellDone(t('webhook.tested'));
      await client.invalidateQueries({ queryKey: ['deliveries', webhook.id] });
    },
    onError: failed,
  });
  const title = { edit: t('webhook.edit'), rotate: t('webhook.rotate'), remove: t('webhook.remove') };
  return (
    <Group gap="xs">
      <Button size="xs" variant="default" leftSection={<Icon name={webhook.enabled ? 'pause' : 'play'} size={15} />} loading={change.isPending} onClick={() => change.mutate({ enabled: !webhook.enabled }, { onError: failed })}>
        {webhook.enabled ? t('webhook.switchOff') : t('webhook.switchOn')}
      </Button>
      <Button size="xs" variant="default" leftSection={<Icon name="send" size={15} />} disabled={!webhook.enabled} loading={test.isPending} onClick={() => test.mutate()}>
        {t('webhook.test')}
      </Button>
      <Button size="xs" variant="default" leftSection={<Icon name="edit" size={15} />} onClick={() => setAsked('edit')}>
        {t('webhook.edit')}
      </Button>
      <Button size="xs" variant="default" leftSection={<Icon name="key" size={15} />} onClick={() => setAsked('rotate')}>
        {t('webhook.rotate')}
      </Button>
      <Button size="xs" variant="default" leftSection={<Icon name="trash" size={15} />} onClick={() => setAsked('remove')}>
        {t('webhook.remove')}
      </Button>
      <Modal opened={asked !== null} onClose={() => setAsked(null)} size="lg" title={asked === null ? '' : title[asked]} closeButtonProps={{ 'aria-label': t('do.close') }}>
        {asked === 'edit' ? (
          <WebhookForm before={{ url: webhook.url, events: webhook.events, private: webhook.private }} error={change.error} busy={change.isPending} act={t('do.save')} onSubmit={(draft) => change.mutate(draft)} />
        ) : null}
        {asked === 'rotate' ? <Rotate id={webhook.id} onDone={() => setAsked(null)} /> : null}
        {asked === 'remove' ? <Remove id={webhook.id} /> : null}
      </Modal>
    </Group>
  );
}

function Rotate({ id, onDone }: { id: string; onDone: () => void }) {
  const { t } = useTranslation();
  const rotate = useMutation({ mutationFn: () => ask(api.POST('/api/v1/webhooks/{id}/rotate', { params: { path: { id } } })) });
  if (rotate.data) return <ToldOnce value={rotate.data.secret ?? ''} name={t('webhook.secret')} words={t('webhook.once')} onDone={onDone} />;
  return (
    <Stack>
      <span>{t('webhook.rotateSure')}</span>
      {rotate.error ? <Failure error={rotate.error} /> : null}
      <Button loading={rotate.isPending} onClick={() => rotate.mutate()}>
        {t('webhook.rotate')}
      </Button>
    </Stack>
  );
}

function Remove({ id }: { id: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [, goTo] = useLocation();
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE('/api/v1/webhooks/{id}', { params: { path: { id } } })),
    onSuccess: async () => {
      goTo('/webhooks');
      await client.invalidateQueries({ queryKey: ['webhooks'] });
    },
  });
  return (
    <Stack>
      <span>{t('webhook.removeSure')}</span>
      {remove.error ? <Failure error={remove.error} /> : null}
      <Button color="red.8" loading={remove.isPending} onClick={() => remove.mutate()}>
        {t('webhook.remove')}
      </Button>
    </Stack>
  );
}
