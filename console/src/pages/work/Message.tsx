import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Schemas } from '../../api/client';
import { leads, useMe } from '../../api/session';
import { Icon } from '../../widgets/Icon';
import { Failure } from '../../widgets/Page';
import { RowLink } from '../../widgets/RowLink';
import { Tag } from '../../widgets/StatePill';
import { tellDone } from '../../widgets/tell';
import { Moment } from '../../widgets/time';
import { WORK_TONES, type WorkItem } from './Messages';
import { CallNumber } from '../desk/Dial';

/** Hear a message, write down what was done, take it, finish it. */
export function Message({ item: given, onClose }: { item: WorkItem; onClose: () => void }) {
  const { t } = useTranslation();
  const { role } = useMe();
  const client = useQueryClient();
  const [item, setItem] = useState(given);
  const [note, setNote] = useState(given.note);
  const change = useMutation({
    mutationFn: (body: Schemas['WorkChange']) => ask(api.PATCH('/api/v1/work-items/{id}', { params: { path: { id: item.id } }, body })),
    onSuccess: async (changed) => {
      setItem(changed);
      tellDone(t('work.saved'));
      await client.invalidateQueries({ queryKey: ['work'] });
    },
  });
  const acts = role === 'operator' || leads(role);
  const to = (state: WorkItem['state']) => change.mutate({ state, note });
  return (
    <Modal opened onClose={onClose} size="lg" title={`${t(`work.kinds.${item.kind}`)} · ${item.from || t('call.hidden')}`} closeButtonProps={{ 'aria-label': t('do.close') }}>
      <Stack>
        <Group gap="sm">
          <Tag tone={WORK_TONES[item.state]}>{t(`work.states.${item.state}`)}</Tag>
          {item.owner ? <span className="foreign">{item.owner}</span> : null}
          <span className="quiet">
            <Moment at={item.created_at} /> · <span className="foreign">{item.queue}</span>
          </span>
          <RowLink href={`/calls/${encodeURIComponent(item.call_id)}`}>{t('cases.call')}</RowLink>
          <CallNumber number={item.from} />
        </Group>
        <Audio item={item} />
        {acts ? (
          <Textarea label={t('work.note')} autosize minRows={2} maxRows={8} maxLength={2000} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
        ) : (
          <Text className="foreign">{item.note}</Text>
        )}
        {change.error ? <Failure error={change.error} /> : null}
        {acts ? (
          <Group justify="flex-end">
            {note !== item.note ? (
              <Button variant="default" loading={change.isPending} onClick={() => change.mutate({ note })}>
                {t('do.save')}
              </Button>
            ) : null}
            {item.state === 'new' ? (
              <Button variant="default" leftSection={<Icon name="check" size={16} />} onClick={() => to('taken')}>
                {t('work.take')}
              </Button>
            ) : (
              <Button variant="default" onClick={() => to('new')}>
                {item.state === 'done' ? t('work.reopen') : t('work.giveBack')}
              </Button>
            )}
            {item.state === 'done' ? null : <Button onClick={() => to('done')}>{t('work.finish')}</Button>}
          </Group>
        ) : null}
      </Stack>
    </Modal>
  );
}

function Audio({ item }: { item: WorkItem }) {
  const { t } = useTranslation();
  if (item.audio === 'stored') {
    return <audio controls preload="none" src={`/api/v1/work-items/${encodeURIComponent(item.id)}/audio`} style={{ width: '100%' }} aria-label={t('work.audio')} />;
  }
  return (
    <Text className="quiet" size="sm">
      <Icon name={item.audio === 'missing' ? 'alert' : 'hourglass'} size={15} /> {t(`work.${item.audio}`)}
    </Text>
  );
}
