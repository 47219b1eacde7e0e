import { Button, Modal, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { api, ask } from '../../api/client';
import { Icon } from '../../widgets/Icon';
import { Failure } from '../../widgets/Page';
import { tellDone } from '../../widgets/tell';
import { CASE_KINDS, type Case } from './Cases';

/** Open a case under a protocol number of its own; of a call: under that call's number. */
export function NewCase({ call, compact = false }: { call?: string; compact?: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [, go] = useLocation();
  const [open, dialog] = useDisclosure(false);
  const [kind, setKind] = useState<Case['kind']>('complaint');
  const [from, setFrom] = useState('');
  const [note, setNote] = useState('');
  const create = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/cases', { body: { kind, note, from: call ? undefined : from.trim(), call_id: call } })),
    onSuccess: async (opened) => {
      tellDone(t('cases.opened2', { protocol: opened.protocol }));
      dialog.close();
      await client.invalidateQueries({ queryKey: ['cases'] });
      if (call === undefined) go(`/cases/${opened.protocol}`);
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    create.mutate();
  }

  return (
    <>
      <Button leftSection={<Icon name="plus" size={16} />} onClick={dialog.open} variant={compact ? 'default' : 'filled'} size={compact ? 'xs' : 'sm'}>
        {t('cases.new')}
      </Button>
      <Modal opened={open} onClose={dialog.close} title={t('cases.new')} closeButtonProps={{ 'aria-label': t('do.close') }}>
        <form onSubmit={submit}>
          <Stack>
            <Select label={t('cases.kind')} value={kind} allowDeselect={false} data={CASE_KINDS.map((value) => ({ value, label: t(`cases.kinds.${value}`) }))} onChange={(value) => setKind((value ?? 'complaint') as Case['kind'])} />
            {call === undefined ? (
              <TextInput label={t('cases.from')} required pattern="\+?[0-9]{3,15}" value={from} maxLength={16} onChange={(event) => setFrom(event.currentTarget.value)} data-autofocus />
            ) : null}
            <Textarea label={t('work.note')} autosize minRows={3} maxLength={2000} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
            {create.error ? <Failure error={create.error} /> : null}
            <Button type="submit" loading={create.isPending}>
              {t('cases.new')}
            </Button>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
