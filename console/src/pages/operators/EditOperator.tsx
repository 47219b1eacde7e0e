import { Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask, type Operator } from '../../api/client';
import type { LanguageTag } from '../../i18n';
import { tellDone } from '../../widgets/tell';
import { OperatorForm, type OperatorFields } from './OperatorForm';

/** Change name, skills, queues on the fly; the next decision of the router uses them. */
export function EditOperator({ operator, onClose }: { operator: Operator; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: ({ extension, ...body }: OperatorFields) =>
      ask(api.PATCH('/api/v1/operators/{extension}', { params: { path: { extension } }, body })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['operators'] });
      tellDone(t('operator.saved'));
      onClose();
    },
  });
  const { extension, name, skills, queues, wrap_up_s, auto_answer, confirm, leads, enabled } = operator;
  const start = { extension, name, skills, queues, wrap_up_s, auto_answer, confirm, leads, enabled, language: operator.language as LanguageTag };
  return (
    <Modal opened onClose={onClose} title={`${operator.extension} · ${operator.name}`} closeButtonProps={{ 'aria-label': t('do.close') }}>
      <OperatorForm start={start} fresh={false} busy={change.isPending} error={change.error} onSave={(fields) => change.mutate(fields)} />
    </Modal>
  );
}
