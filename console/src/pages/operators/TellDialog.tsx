import { Button, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, type Operator } from '../../api/client';
import { Icon } from '../../widgets/Icon';
import { Failure } from '../../widgets/Page';
import { tellDone } from '../../widgets/tell';

const MOST = 280;

/** A few words to one operator, or (`operator` null) to everybody who is signed in. */
export function TellDialog({ operator, onClose }: { operator: Operator | null; onClose: () => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const send = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/notices', { body: { text, operators: operator === null ? null : [operator.extension] } })),
    onSuccess: ({ operators }) => {
      tellDone(t('notice.sent', { count: operators.length }));
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={operator === null ? t('notice.toAll') : t('notice.to', { name: operator.name })} closeButtonProps={{ 'aria-label': t('do.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate();
        }}
      >
        <Stack>
          <Textarea label={t('notice.text')} value={text} maxLength={MOST} autosize minRows={3} required withAsterisk={false} onChange={(event) => setText(event.currentTarget.value)} data-autofocus />
          <Text size="xs" className="quiet figures">
            {text.length} / {MOST}
          </Text>
          {send.error ? <Failure error={send.error} /> : null}
          <Button type="submit" disabled={text.trim() === ''} loading={send.isPending} leftSection={<Icon name="send" size={16} />}>
            {t('notice.send')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
