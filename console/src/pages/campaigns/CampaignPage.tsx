import { Alert, Button, Group, Tabs, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'wouter';
import { api, ask } from '../../api/client';
import { leads, useMe } from '../../api/session';
import { Icon } from '../../widgets/Icon';
import { Failure, Loading, Page } from '../../widgets/Page';
import { Tag } from '../../widgets/StatePill';
import { Attempts } from './Attempts';
import { STATUS_TONES, type Campaign } from './Campaigns';
import { Contacts } from './Contacts';
import { Imports } from './Imports';
import { Live } from './Live';

/** One campaign: start, pause, stop; its figures as they are now; its list. */
export default function CampaignPage() {
  const { t } = useTranslation();
  const { role } = useMe();
  const { id = '' } = useParams<{ id: string }>();
  const found = useQuery({
    queryKey: ['campaigns', 'one', id],
    queryFn: async () => (await ask(api.GET('/api/v1/campaigns/{id}', { params: { path: { id } } }))) as unknown as Campaign,
    refetchInterval: 3_000,
  });
  if (found.isPending) return <Loading />;
  if (found.data === undefined) return <Failure error={found.error} retry={() => void found.refetch()} />;
  const campaign = found.data;
  return (
    <Page
      title={campaign.name}
      actions={
        <>
          <Tag tone={STATUS_TONES[campaign.status]}>{t(`campaign.statuses.${campaign.status}`)}</Tag>
          {leads(role) ? <Acts campaign={campaign} /> : null}
          <Button component={Link} href="/campaigns" variant="default" size="xs" leftSection={<Icon name="arrowLeft" size={15} />}>
            {t('campaign.back')}
          </Button>
        </>
      }
    >
      <Tabs defaultValue="live" keepMounted={false}>
        <Tabs.List mb="md">
          {(['live', 'contacts', 'attempts', 'imports'] as const).map((tab) => (
            <Tabs.Tab key={tab} value={tab}>
              {t(`campaign.tabs.${tab}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="live">
          <Live campaign={campaign} />
        </Tabs.Panel>
        <Tabs.Panel value="contacts">
          <Contacts id={campaign.id} />
        </Tabs.Panel>
        <Tabs.Panel value="attempts">
          <Attempts id={campaign.id} />
        </Tabs.Panel>
        <Tabs.Panel value="imports">
          <Imports id={campaign.id} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

const NEXT: Record<Campaign['status'], ('start' | 'pause' | 'resume' | 'stop')[]> = {
  draft: ['start'],
  running: ['pause', 'stop'],
  paused: ['resume', 'stop'],
  stopped: ['start'],
  finished: ['start'],
};

function Acts({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [still, setStill] = useState<string[]>([]);
  const act = useMutation({
    mutationFn: (wanted: 'start' | 'pause' | 'resume' | 'stop') => ask(api.POST(`/api/v1/campaigns/{id}/${wanted}`, { params: { path: { id: campaign.id } } })),
    onSuccess: (moved) => {
      setStill(moved.still_ringing);
      client.setQueryData(['campaigns', 'one', campaign.id], moved);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['campaigns'] }),
  });
  return (
    <>
      <Group gap="xs">
        {NEXT[campaign.status].map((wanted) => (
          <Button
            key={wanted}
            size="sm"
            color={wanted === 'stop' ? 'red.8' : undefined}
            variant={wanted === 'pause' ? 'default' : 'filled'}
            loading={act.isPending && act.variables === wanted}
            leftSection={<Icon name={wanted === 'pause' ? 'pause' : wanted === 'stop' ? 'stop' : 'play'} size={15} />}
            onClick={() => act.mutate(wanted)}
          >
            {t(`campaign.${wanted}`)}
          </Button>
        ))}
      </Group>
      {still.length > 0 ? <Text size="sm">{t('campaign.still', { numbers: still.join(', ') })}</Text> : null}
      {act.error ? (
        <Alert color="red" variant="light" role="alert" withCloseButton onClose={() => act.reset()} closeButtonLabel={t('do.close')}>
          {act.error.message}
        </Alert>
      ) : null}
    </>
  );
}
