import { Button, Group, Modal, NumberInput, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { api, ask, type Schemas } from '../../api/client';
import { usePaged } from '../../api/paged';
import { useQueueNames } from '../../api/queries';
import { leads, useMe } from '../../api/session';
import { PagedTable, type Column } from '../../widgets/DataTable';
import { Icon } from '../../widgets/Icon';
import { Failure, Page } from '../../widgets/Page';
import { RowLink } from '../../widgets/RowLink';
import { Tag } from '../../widgets/StatePill';
import { Moment } from '../../widgets/time';
import { DoNotCall } from './DoNotCall';

type Told = Schemas['CampaignOut'];
/** What the pages show of a campaign; the server always tells what its document calls optional. */
export type Campaign = Pick<Told, 'id' | 'name' | 'status' | 'created_at'> & Required<Pick<Told, 'mode' | 'queue' | 'abandon_cap'>>;
const MODES: Campaign['mode'][] = ['preview', 'progressive', 'power', 'predictive', 'agentless'];
export const STATUS_TONES = { draft: 'rest', running: 'good', paused: 'ring', stopped: 'bad', finished: 'rest' } as const;

/** Outbound campaigns, newest first. */
export default function Campaigns() {
  const { t } = useTranslation();
  const { role } = useMe();
  const list = usePaged<Campaign>(['campaigns'], (cursor) => ask(api.GET('/api/v1/campaigns', { params: { query: { limit: 100, cursor } } })) as unknown as Promise<{ items: Campaign[]; next: string | null }>);
  const columns: Column<Campaign>[] = [
    { key: 'name', head: t('campaign.name'), cell: (one) => <RowLink href={`/campaigns/${encodeURIComponent(one.id)}`}>{one.name}</RowLink> },
    { key: 'status', head: t('campaign.status'), cell: (one) => <Tag tone={STATUS_TONES[one.status]}>{t(`campaign.statuses.${one.status}`)}</Tag> },
    { key: 'mode', head: t('campaign.mode'), only: 'wide', cell: (one) => t(`campaign.modes.${one.mode}`) },
    { key: 'queue', head: t('call.queue'), only: 'wide', cell: (one) => <span className="foreign">{one.queue ?? '–'}</span> },
    { key: 'created', head: t('campaign.created'), only: 'wide', cell: (one) => <Moment at={one.created_at} /> },
  ];
  return (
    <Page
      title={t('campaign.title')}
      actions={
        role === 'client' ? null : (
          <>
            <DoNotCall />
            {leads(role) ? <NewCampaign /> : null}
          </>
        )
      }
    >
      <PagedTable list={list} label={t('campaign.title')} columns={columns} id={(one) => one.id} mark="campaign" icon="phoneOutgoing" empty={t('campaign.none')} />
    </Page>
  );
}

function NewCampaign() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [, go] = useLocation();
  const queues = useQueueNames();
  const [open, dialog] = useDisclosure(false);
  const [name, setName] = useState('');
  const [mode, setMode] = useState<Campaign['mode']>('progressive');
  const [queue, setQueue] = useState<string | null>(null);
  const [callerIds, setCallerIds] = useState<string[]>([]);
  const [message, setMessage] = useState('');
  const [ratio, setRatio] = useState<number | string>(1.5);
  const [cap, setCap] = useState<number | string>(3);
  const create = useMutation({
    mutationFn: () =>
      ask(
        api.POST('/api/v1/campaigns', {
          body: {
            name,
            mode,
            queue: queue ?? undefined,
            caller_ids: callerIds,
            message: message.trim() || undefined,
            ratio: Number(ratio),
            abandon_cap: Number(cap) / 100,
          },
        }),
      ),
    onSuccess: async (created) => {
      await client.invalidateQueries({ queryKey: ['campaigns'] });
      dialog.close();
      go(`/campaigns/${created.id}`);
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    create.mutate();
  }

  return (
    <>
      <Button leftSection={<Icon name="plus" size={16} />} onClick={dialog.open}>
        {t('campaign.new')}
      </Button>
      <Modal opened={open} onClose={dialog.close} title={t('campaign.new')} closeButtonProps={{ 'aria-label': t('do.close') }}>
        <form onSubmit={submit}>
          <Stack gap="sm">
            <TextInput label={t('campaign.name')} required maxLength={120} value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
            <Select label={t('campaign.mode')} allowDeselect={false} value={mode} data={MODES.map((value) => ({ value, label: t(`campaign.modes.${value}`) }))} onChange={(value) => setMode((value ?? 'progressive') as Campaign['mode'])} />
            {mode === 'agentless' ? (
              <TextInput label={t('campaign.message')} value={message} maxLength={120} onChange={(event) => setMessage(event.currentTarget.value)} />
            ) : (
              <Select label={t('campaign.queue')} clearable value={queue} data={(queues.data ?? []).map((one) => ({ value: one.id, label: one.name }))} onChange={setQueue} />
            )}
            <TagsInput label={t('campaign.callerIds')} placeholder="+551130001234" value={callerIds} onChange={setCallerIds} />
            <Group grow>
              {mode === 'power' ? <NumberInput label={t('campaign.ratio')} min={1} max={10} step={0.1} value={ratio} onChange={setRatio} /> : null}
              <NumberInput label={t('campaign.cap')} min={0.1} max={3} step={0.1} decimalScale={1} value={cap} onChange={setCap} />
            </Group>
            {create.error ? <Failure error={create.error} /> : null}
            <Button type="submit" loading={create.isPending}>
              {t('campaign.create')}
            </Button>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
