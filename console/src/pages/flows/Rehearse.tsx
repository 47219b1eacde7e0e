import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { LANGUAGES } from '../../i18n';
import { Icon } from '../../widgets/Icon';
import { Failure } from '../../widgets/Page';
import { Tag } from '../../widgets/StatePill';
import { tellFailed } from '../../widgets/tell';

/** What the API tells of a rehearsal, as far as the page shows it. */
interface Rehearsal {
  id: string;
  state: 'waiting' | 'ringing' | 'live' | 'ended' | 'unanswered';
  node?: string;
  talking?: boolean;
  queue?: unknown;
  variables?: Record<string, unknown>;
  facts?: { fact: string; [field: string]: unknown }[];
}

/** Call a phone with the draft as it stands: nothing is published, and no operator is asked. */
export function Rehearse({ id, text, ready, onNode }: { id: string; text: string; ready: boolean; onNode: (node: string) => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [phone, setPhone] = useState('');
  const [language, setLanguage] = useState<string | null>(null);
  const [running, setRunning] = useState<string | null>(null);
  const begin = useMutation({
    mutationFn: () =>
      ask(api.POST('/api/v1/flows/{id}/rehearsals', { params: { path: { id } }, body: { call: phone, source: text, language: language ?? undefined } })),
    onSuccess: (begun) => setRunning(String((begun as unknown as Rehearsal).id)),
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    setRunning(null);
    begin.mutate();
  }

  return (
    <>
      <Button size="sm" variant="default" leftSection={<Icon name="phoneCall" size={15} />} disabled={!ready} onClick={() => setOpen(true)}>
        {t('rehearse.open')}
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={t('rehearse.title', { id })} closeButtonProps={{ 'aria-label': t('do.close') }}>
        <Text size="sm" className="quiet" mb="sm">
          {t('rehearse.hint')}
        </Text>
        <form onSubmit={submit}>
          <Group align="flex-end" gap="sm">
            <TextInput label={t('rehearse.phone')} value={phone} maxLength={16} pattern="\+?[0-9]{2,15}" required withAsterisk={false} onChange={(event) => setPhone(event.currentTarget.value)} data-autofocus />
            <Select label={t('call.language')} w={170} placeholder={t('rehearse.own')} clearable data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))} value={language} onChange={setLanguage} />
            <Button type="submit" loading={begin.isPending} leftSection={<Icon name="phoneOutgoing" size={15} />}>
              {t('rehearse.call')}
            </Button>
          </Group>
        </form>
        {begin.error ? <Failure error={begin.error} /> : null}
        {running === null ? null : <Running key={running} id={running} onNode={onNode} />}
      </Modal>
    </>
  );
}

/** Where the called one is now; what an operator would do is done by the buttons. */
function Running({ id, onNode }: { id: string; onNode: (node: string) => void }) {
  const { t } = useTranslation();
  const seen = useQuery({
    queryKey: ['rehearsal', id],
    queryFn: async () => {
      const now = (await ask(api.GET('/api/v1/rehearsals/{id}', { params: { path: { id } } }))) as unknown as Rehearsal;
      if (now.node) onNode(now.node);
      return now;
    },
    refetchInterval: (query) => (query.state.data && ['ended', 'unanswered'].includes(query.state.data.state) ? false : 700),
  });
  const act = useMutation({
    mutationFn: (wanted: string) => ask(api.POST('/api/v1/rehearsals/{id}/acts', { params: { path: { id } }, body: { act: wanted } })),
    onError: (error) => tellFailed(t('failure.conflict'), error),
  });
  if (seen.isError) return <Failure error={seen.error} />;
  if (!seen.data) return null;
  const { state, node, talking, queue, variables } = seen.data;
  const keys = (seen.data.facts ?? []).filter((one) => one.fact === 'DigitPressed').map((one) => String(one.digit));
  return (
    <Stack gap="xs" mt="md" role="status" data-rehearsal={state}>
      <Group gap="sm">
        <Tag tone={state === 'live' ? 'busy' : state === 'unanswered' ? 'bad' : 'ring'}>{t(`rehearse.state.${state}`)}</Tag>
        {node && state === 'live' ? (
          <Text size="sm">
            {t('rehearse.at')} <b className="foreign">{node}</b>
          </Text>
        ) : null}
        {keys.length > 0 ? (
          <Text size="sm">
            {t('call.digits')}: <span className="mono">{keys.join(' ')}</span>
          </Text>
        ) : null}
      </Group>
      {state === 'live' && queue ? (
        <Group gap="xs">
          {talking ? (
            <Button size="compact-sm" variant="default" onClick={() => act.mutate('operator_hangs_up')}>
              {t('rehearse.operatorLeaves')}
            </Button>
          ) : (
            <Button size="compact-sm" variant="default" onClick={() => act.mutate('operator_connects')}>
              {t('rehearse.operatorComes')}
            </Button>
          )}
        </Group>
      ) : null}
      {variables && Object.keys(variables).length > 0 ? (
        <Text size="sm" className="mono foreign">
          {Object.entries(variables)
            .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
            .join('\n')}
        </Text>
      ) : null}
    </Stack>
  );
}
