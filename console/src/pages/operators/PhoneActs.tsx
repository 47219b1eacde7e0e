import { Button, Group, Modal, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask, type Operator } from '../../api/client';
import { Failure } from '../../widgets/Page';
import { tellDone } from '../../widgets/tell';
import { Secrets } from './Secrets';

interface Props {
  operator: Operator;
  onClose: () => void;
}

/** New passwords and PIN; the old ones stop working at once. */
export function RotateSecrets({ operator, onClose }: Props) {
  const { t } = useTranslation();
  const path = { extension: operator.extension };
  const rotate = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/operators/{extension}/rotate', { params: { path } })),
  });
  return (
    <Modal opened onClose={onClose} closeOnClickOutside={!rotate.data} title={t('operator.rotate')} closeButtonProps={{ 'aria-label': t('do.close') }}>
      {rotate.data ? (
        <Secrets told={rotate.data} onDone={onClose} />
      ) : (
        <Sure words={t('operator.rotateSure', { name: operator.name })} error={rotate.error} busy={rotate.isPending} act={t('operator.rotate')} onAct={() => rotate.mutate()} onClose={onClose} />
      )}
    </Modal>
  );
}

/** Cut the phone off and delete the account. */
export function RemoveOperator({ operator, onClose }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const path = { extension: operator.extension };
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE('/api/v1/operators/{extension}', { params: { path } })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['operators'] });
      tellDone(t('operator.removed', { name: operator.name }));
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={t('operator.remove')} closeButtonProps={{ 'aria-label': t('do.close') }}>
      <Sure danger words={t('operator.removeSure', { name: operator.name })} error={remove.error} busy={remove.isPending} act={t('operator.remove')} onAct={() => remove.mutate()} onClose={onClose} />
    </Modal>
  );
}

function Sure({ words, error, busy, act, danger = false, onAct, onClose }: {
  words: string;
  error: unknown;
  busy: boolean;
  act: string;
  danger?: boolean;
  onAct: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <>
      <Text className="foreign" mb="md">
        {words}
      </Text>
      {error === null ? null : <Failure error={error} />}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onClose}>
          {t('do.cancel')}
        </Button>
        <Button color={danger ? 'red.8' : undefined} loading={busy} onClick={onAct} data-autofocus>
          {act}
        </Button>
      </Group>
    </>
  );
}
