import { Button, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { Icon } from '../../widgets/Icon';
import { OperatorForm, type OperatorFields } from './OperatorForm';
import { Secrets } from './Secrets';

const START: OperatorFields = {
  extension: '',
  name: '',
  skills: {},
  queues: null,
  language: 'pt-BR',
  wrap_up_s: 5,
  auto_answer: false,
  confirm: false,
  leads: false,
  enabled: true,
};

/** Create an operator with a phone account; the passwords are shown this once. */
export function NewOperator() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [open, dialog] = useDisclosure(false);
  const create = useMutation({
    mutationFn: (fields: OperatorFields) => ask(api.POST('/api/v1/operators', { body: fields })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['operators'] }),
  });

  function close() {
    dialog.close();
    create.reset();
  }

  return (
    <>
      <Button leftSection={<Icon name="plus" size={16} />} onClick={dialog.open}>
        {t('operator.new')}
      </Button>
      <Modal
        opened={open}
        onClose={close}
        closeOnClickOutside={create.data === undefined}
        title={create.data ? t('operator.created') : t('operator.new')}
        closeButtonProps={{ 'aria-label': t('do.close') }}
      >
        {create.data ? (
          <Secrets told={create.data} onDone={close} />
        ) : (
          <OperatorForm start={START} fresh busy={create.isPending} error={create.error} onSave={(fields) => create.mutate(fields)} />
        )}
      </Modal>
    </>
  );
}
