import { ActionIcon, Menu, Modal, Button, Select, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type QueueLive } from '../../api/client';
import { Icon } from '../../widgets/Icon';
import { Failure } from '../../widgets/Page';
import { tellDone, tellFailed } from '../../widgets/tell';

type Change = { closed?: boolean; announcement?: string | null };

function useQueueState(queue: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Change) => ask(api.PUT('/api/v1/queues/{id}/state', { params: { path: { id: queue } }, body })),
    onSettled: () => client.invalidateQueries({ queryKey: ['queues'] }),
  });
}

/** Close or open a queue at once, or let everybody in it hear something. */
export function QueueActs({ queue }: { queue: QueueLive }) {
  const { t } = useTranslation();
  const [announcing, setAnnouncing] = useState(false);
  const change = useQueueState(queue.id);
  const go = (body: Change) => change.mutate(body, { onSuccess: () => tellDone(t('operator.saved')), onError: (error) => tellFailed(t('failure.conflict'), error) });
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('queueAct.of', { name: queue.name })} loading={change.isPending}>
            <Icon name="dots" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Icon name={queue.closed ? 'play' : 'stop'} size={16} />} onClick={() => go({ closed: !queue.closed })}>
            {queue.closed ? t('queueAct.open') : t('queueAct.close')}
          </Menu.Item>
          <Menu.Item leftSection={<Icon name="volume" size={16} />} onClick={() => setAnnouncing(true)}>
            {t('queueAct.announce')}
          </Menu.Item>
          {queue.announcement ? (
            <Menu.Item leftSection={<Icon name="x" size={16} />} onClick={() => go({ announcement: null })}>
              {t('queueAct.hush')}
            </Menu.Item>
          ) : null}
        </Menu.Dropdown>
      </Menu>
      {announcing ? <Announce queue={queue} onClose={() => setAnnouncing(false)} /> : null}
    </>
  );
}

function Announce({ queue, onClose }: { queue: QueueLive; onClose: () => void }) {
  const { t } = useTranslation();
  const change = useQueueState(queue.id);
  const [prompt, setPrompt] = useState<string | null>(queue.announcement || null);
  const prompts = useQuery({ queryKey: ['prompts'], queryFn: async () => (await ask(api.GET('/api/v1/prompts'))).items });
  const names = [...new Set((prompts.data ?? []).map((one) => String((one as { name?: string }).name)))].sort();
  return (
    <Modal opened onClose={onClose} title={`${t('queueAct.announce')} · ${queue.name}`} closeButtonProps={{ 'aria-label': t('do.close') }}>
      <Stack>
        <Text size="sm" className="quiet">
          {t('queueAct.announceHint')}
        </Text>
        <Select label={t('prompt.title')} data={names} value={prompt} onChange={setPrompt} searchable limit={50} nothingFoundMessage={t('list.none')} data-autofocus />
        {change.error ? <Failure error={change.error} /> : null}
        <Button disabled={prompt === null} loading={change.isPending} onClick={() => change.mutate({ announcement: prompt }, { onSuccess: onClose })}>
          {t('queueAct.announce')}
        </Button>
      </Stack>
    </Modal>
  );
}
