import { Button, Group, SegmentedControl, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schemas } from '../../api/client';
import { usePaged } from '../../api/paged';
import { PagedTable, type Column } from '../../widgets/DataTable';
import { Icon } from '../../widgets/Icon';
import { Tag } from '../../widgets/StatePill';
import { tellDone, tellFailed } from '../../widgets/tell';
import { Moment } from '../../widgets/time';
import type { Webhook } from './Webhooks';

type Delivery = Schemas['DeliveryOut'];
const STATES = ['dead', 'pending', 'delivered'] as const;
const TONES = { dead: 'bad', pending: 'ring', delivered: 'good' } as const;

/** What it was told, what is on its way, and the dead letters, which can be sent once more. */
export function Deliveries({ webhook, acts }: { webhook: Webhook; acts: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [state, setState] = useState<string>('');
  const wanted = STATES.find((one) => one === state);
  const { id } = webhook;
  const list = usePaged<Delivery>(['deliveries', id, state], (cursor) =>
    ask(api.GET('/api/v1/webhooks/{id}/deliveries', { params: { path: { id }, query: { state: wanted, limit: 100, cursor } } })),
  );
  const again = useMutation({
    mutationFn: (delivery: string | null) =>
      delivery === null
        ? ask(api.POST('/api/v1/webhooks/{id}/retry', { params: { path: { id } } }))
        : ask(api.POST('/api/v1/webhooks/{id}/deliveries/{delivery}/retry', { params: { path: { id, delivery } } })),
    onSuccess: async ({ count }) => {
      tellDone(t('webhook.sentAgain', { count }));
      await client.invalidateQueries({ queryKey: ['deliveries', id] });
    },
    onError: (error) => tellFailed(t('failure.conflict'), error),
  });
  const columns: Column<Delivery>[] = [
    { key: 'at', head: t('webhook.happened'), only: 'wide', cell: (one) => <Moment at={one.created_at} /> },
    { key: 'event', head: t('webhook.event'), cell: (one) => <span className="mono foreign" title={one.body}>{one.event}</span> },
    { key: 'state', head: t('webhook.state'), cell: (one) => <Tag tone={TONES[one.state]}>{t(`webhook.states.${one.state}`)}</Tag> },
    { key: 'tries', head: t('work.tries'), only: 'wide', number: true, cell: (one) => one.attempts },
    { key: 'answer', head: t('webhook.answer'), only: 'wide', cell: (one) => <span className="foreign" title={one.error}>{one.status || ''} {one.error}</span> },
    {
      key: 'acts',
      head: t('do.act'),
      silent: true,
      number: true,
      cell: (one) =>
        acts && one.state !== 'pending' ? (
          <Button size="xs" variant="light" onClick={() => again.mutate(one.id)} aria-label={t('webhook.againOf', { event: one.event })}>
            {t('webhook.again')}
          </Button>
        ) : null,
    },
  ];
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <SegmentedControl
          withItemsBorders={false}
          size="sm"
          value={state}
          onChange={setState}
          data={[{ value: '', label: t('list.all') }, ...STATES.map((value) => ({ value, label: t(`webhook.states.${value}`) }))]}
          aria-label={t('webhook.state')}
        />
        {acts && state === 'dead' && list.rows.length > 0 ? (
          <Button size="sm" leftSection={<Icon name="refresh" size={15} />} loading={again.isPending} onClick={() => again.mutate(null)}>
            {t('webhook.againAll')}
          </Button>
        ) : null}
      </Group>
      <PagedTable list={list} label={t('webhook.deliveries')} columns={columns} id={(one) => one.id} mark="delivery" icon="send" empty={t('webhook.noDeliveries')} />
    </Stack>
  );
}
