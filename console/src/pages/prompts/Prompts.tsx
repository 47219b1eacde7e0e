import { ActionIcon, Button, Group, Modal, Select, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { useMe } from '../../api/session';
import { LANGUAGES } from '../../i18n';
import { DataTable, type Column } from '../../widgets/DataTable';
import { Icon } from '../../widgets/Icon';
import { Failure, Loading, Page } from '../../widgets/Page';
import { RowLink } from '../../widgets/RowLink';
import { Tag } from '../../widgets/StatePill';
import { tellDone, tellFailed } from '../../widgets/tell';
import { Duration } from '../../widgets/time';
import { MakePrompt } from './MakePrompt';

/** What the API tells of a prompt; those that ship with the product have only name, language and users. */
export interface Prompt {
  name: string;
  language: string;
  own: boolean;
  text?: string;
  client?: string;
  duration_s?: number;
  made_by?: string;
  used_by?: string[];
}

const OWN = 'own/';

/** What callers hear: the centre's own prompts to listen to, make and replace; and those that ship, to listen to. */
export default function Prompts() {
  const { t } = useTranslation();
  const { role } = useMe();
  const [text, setText] = useState('');
  const [language, setLanguage] = useState<string | null>(null);
  const [making, make] = useDisclosure(false);
  const [replaced, setReplaced] = useState<Prompt | null>(null);
  const known = useQuery({
    queryKey: ['prompts'],
    queryFn: async () => (await ask(api.GET('/api/v1/prompts'))).items as unknown as Prompt[],
    refetchInterval: 10_000,
  });
  const shown = useMemo(() => {
    const words = text.trim().toLocaleLowerCase();
    return (known.data ?? [])
      .filter((one) => language === null || one.language === language)
      .filter((one) => !words || `${one.name} ${one.text ?? ''}`.toLocaleLowerCase().includes(words))
      .sort((a, b) => Number(b.own) - Number(a.own) || a.name.localeCompare(b.name) || a.language.localeCompare(b.language));
  }, [known.data, text, language]);
  if (known.isPending) return <Loading />;
  if (known.isLoadingError) return <Failure error={known.error} retry={() => void known.refetch()} />;
  const admin = role === 'admin';
  const columns: Column<Prompt>[] = [
    { key: 'name', head: t('people.name'), wraps: true, cell: (one) => <NameOf prompt={one} /> },
    { key: 'language', head: t('call.language'), cell: (one) => one.language },
    { key: 'length', head: t('work.length'), number: true, only: 'wide', cell: (one) => (one.own ? <Duration seconds={one.duration_s} /> : '–') },
    { key: 'users', head: t('prompt.usedBy'), only: 'wide', wraps: true, cell: (one) => <Users flows={one.used_by ?? []} /> },
    { key: 'acts', head: t('do.act'), silent: true, number: true, cell: (one) => <Acts prompt={one} admin={admin && one.own} onReplace={() => setReplaced(one)} /> },
  ];
  return (
    <Page
      title={t('prompt.title')}
      actions={
        admin ? (
          <Button size="sm" leftSection={<Icon name="plus" size={15} />} onClick={make.open}>
            {t('prompt.new')}
          </Button>
        ) : null
      }
    >
      <Group gap="sm" role="search">
        <TextInput size="sm" aria-label={t('prompt.search')} placeholder={t('prompt.search')} leftSection={<Icon name="search" size={15} />} value={text} maxLength={80} onChange={(event) => setText(event.currentTarget.value)} />
        <Select size="sm" aria-label={t('call.language')} placeholder={t('list.all')} clearable data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))} value={language} onChange={setLanguage} />
      </Group>
      <DataTable label={t('prompt.title')} columns={columns} rows={shown} id={(one) => `${one.language}/${one.client ?? ''}/${one.name}`} mark="prompt" icon="volume" row_px={52} empty={t('list.none')} />
      {making ? <MakePrompt onClose={make.close} /> : null}
      {replaced ? <MakePrompt replaced={replaced} onClose={() => setReplaced(null)} /> : null}
    </Page>
  );
}

function NameOf({ prompt }: { prompt: Prompt }) {
  const { t } = useTranslation();
  return (
    <span className="foreign">
      <b>{prompt.name}</b> {prompt.own ? <Tag tone="good">{t('prompt.own')}</Tag> : null}
      {prompt.text ? <span className="quiet"> {prompt.text}</span> : null}
    </span>
  );
}

function Users({ flows }: { flows: string[] }) {
  return flows.length === 0 ? (
    <span className="quiet">–</span>
  ) : (
    flows.map((flow) => (
      <span key={flow}>
        <RowLink href={`/flows/${encodeURIComponent(flow)}`}>{flow}</RowLink>{' '}
      </span>
    ))
  );
}

export function bareName(prompt: Prompt): string {
  return prompt.name.startsWith(OWN) ? prompt.name.slice(OWN.length) : prompt.name;
}

function Acts({ prompt, admin, onReplace }: { prompt: Prompt; admin: boolean; onReplace: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [heard, hear] = useDisclosure(false);
  const [sure, ask_sure] = useDisclosure(false);
  const name = bareName(prompt);
  const path = { language: prompt.language, name };
  const query = prompt.client === undefined || prompt.client === 'default' ? {} : { client: prompt.client };
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE('/api/v1/prompts/{language}/{name}', { params: { path, query } })),
    onSuccess: () => tellDone(t('prompt.removed', { name })),
    onError: (error) => tellFailed(t('failure.conflict'), error),
    onSettled: () => {
      ask_sure.close();
      return client.invalidateQueries({ queryKey: ['prompts'] });
    },
  });
  const source = `/api/v1/prompts/${encodeURIComponent(prompt.language)}/${encodeURIComponent(name)}/audio?${new URLSearchParams(query as Record<string, string>)}`;
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      {heard ? (
        <audio controls autoPlay src={source} aria-label={t('prompt.hear', { name })} style={{ width: 190, height: 34 }} />
      ) : (
        <ActionIcon variant="light" size="lg" aria-label={t('prompt.hear', { name })} onClick={hear.open}>
          <Icon name="play" size={16} />
        </ActionIcon>
      )}
      {admin ? (
        <>
          <ActionIcon variant="subtle" size="lg" aria-label={t('prompt.replace', { name })} onClick={onReplace}>
            <Icon name="edit" size={16} />
          </ActionIcon>
          <ActionIcon variant="subtle" color="red" size="lg" aria-label={t('prompt.remove', { name })} onClick={ask_sure.open}>
            <Icon name="trash" size={16} />
          </ActionIcon>
        </>
      ) : null}
      <Modal opened={sure} onClose={ask_sure.close} title={t('prompt.remove', { name })} closeButtonProps={{ 'aria-label': t('do.close') }}>
        <Group justify="flex-end">
          <Button variant="default" onClick={ask_sure.close}>
            {t('do.cancel')}
          </Button>
          <Button color="red.8" loading={remove.isPending} onClick={() => remove.mutate()} data-autofocus>
            {t('people.remove')}
          </Button>
        </Group>
      </Modal>
    </Group>
  );
}
