import { Button, Group, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'wouter';
import { api, ask, Refused, type Schemas } from '../../api/client';
import { leads, useMe } from '../../api/session';
import { Facts } from '../../widgets/Facts';
import { Icon } from '../../widgets/Icon';
import { Failure, Loading, Page } from '../../widgets/Page';
import { RowLink } from '../../widgets/RowLink';
import { Tag } from '../../widgets/StatePill';
import { tellDone } from '../../widgets/tell';
import { Moment } from '../../widgets/time';
import { CASE_STATES, CASE_TONES, Deadline, type Case } from './Cases';
import { CallNumber } from '../desk/Dial';

/** One case: what is wanted, by when, who has it, what was done. */
export default function CasePage() {
  const { t } = useTranslation();
  const { protocol = '' } = useParams<{ protocol: string }>();
  const ident = decodeURIComponent(protocol);
  const found = useQuery({
    queryKey: ['cases', 'one', ident],
    queryFn: () => ask(api.GET('/api/v1/cases/{protocol}', { params: { path: { protocol: ident } } })),
  });
  if (found.isPending) return <Loading />;
  if (found.isLoadingError) return <Failure error={found.error} retry={() => void found.refetch()} />;
  return (
    <Page
      title={t('cases.one', { protocol: ident })}
      actions={
        <Button component={Link} href="/cases" variant="default" size="xs" leftSection={<Icon name="arrowLeft" size={15} />}>
          {t('cases.back')}
        </Button>
      }
    >
      <Summary of={found.data} />
      <Answers form={found.data.form} />
      <Edit key={`${found.data.protocol}`} of={found.data} />
    </Page>
  );
}

function Summary({ of }: { of: Case }) {
  const { t } = useTranslation();
  return (
    <Facts
      entries={[
        [t('cases.kind'), t(`cases.kinds.${of.kind}`)],
        [t('cases.state'), <Tag tone={CASE_TONES[of.state]}>{t(`cases.states.${of.state}`)}</Tag>],
        [t('cases.deadline'), <Deadline of={of} />],
        [t('cases.from'), <>{of.from} <CallNumber number={of.from} /></>],
        [t('cases.owner'), of.owner ?? '–'],
        [t('cases.opened'), <Moment at={of.opened_at} />],
        [t('cases.changed'), <Moment at={of.changed_at} />],
        [t('call.queue'), of.queue ?? '–'],
        [t('cases.call'), of.call_id ? <RowLink href={`/calls/${encodeURIComponent(of.call_id)}`}>{t('work.open')}</RowLink> : '–'],
      ]}
    />
  );
}

/** What an operator wrote down in a form. */
export function Answers({ form }: { form: Record<string, unknown> }) {
  const { t } = useTranslation();
  const entries = Object.entries(form).filter(([, value]) => value !== null && value !== '');
  if (entries.length === 0) return null;
  return (
    <section aria-label={t('cases.form')}>
      <Facts entries={entries.map(([name, value]) => [name, value === true ? t('form.yes') : value === false ? t('form.no') : String(value)])} />
    </section>
  );
}

function Edit({ of }: { of: Case }) {
  const { t } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const [draft, setDraft] = useState<{ state?: Case['state']; owner?: string; note?: string }>({});
  const save = useMutation({
    mutationFn: (body: Schemas['CaseChange']) => ask(api.PATCH('/api/v1/cases/{protocol}', { params: { path: { protocol: of.protocol } }, body })),
    onSuccess: (changed) => {
      client.setQueryData(['cases', 'one', of.protocol], changed);
      setDraft({});
      tellDone(t('cases.saved'));
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['cases'] }),
  });
  if (!(me.role === 'operator' || leads(me.role))) return of.note ? <Text className="card foreign" p="md">{of.note}</Text> : null;
  const overtaken = save.error instanceof Refused && save.error.status === 409;
  const myself = me.operator ?? me.username;
  return (
    <section className="card" style={{ padding: 18 }}>
      <Stack>
        <Group align="flex-end">
          <Select w={190} label={t('cases.state')} allowDeselect={false} value={draft.state ?? of.state} data={CASE_STATES.map((value) => ({ value, label: t(`cases.states.${value}`) }))} onChange={(state) => setDraft({ ...draft, state: (state ?? of.state) as Case['state'] })} />
          <TextInput w={190} label={t('cases.owner')} maxLength={64} value={draft.owner ?? of.owner ?? ''} onChange={(event) => setDraft({ ...draft, owner: event.currentTarget.value })} />
          {of.owner === myself ? null : (
            <Button variant="default" onClick={() => save.mutate({ owner: myself, state: of.state === 'open' ? 'in_progress' : of.state })}>
              {t('cases.take')}
            </Button>
          )}
        </Group>
        <Textarea label={t('cases.note')} autosize minRows={4} maxRows={14} maxLength={2000} value={draft.note ?? of.note} onChange={(event) => setDraft({ ...draft, note: event.currentTarget.value })} />
        {overtaken ? (
          <Text c="var(--bad)" role="alert">
            {t('cases.overtaken')}
          </Text>
        ) : save.error ? (
          <Failure error={save.error} />
        ) : null}
        <Group justify="flex-end">
          <Button disabled={Object.keys(draft).length === 0} loading={save.isPending} onClick={() => save.mutate({ ...draft, owner: draft.owner === undefined ? undefined : draft.owner.trim() || null })}>
            {t('cases.save')}
          </Button>
        </Group>
      </Stack>
    </section>
  );
}
