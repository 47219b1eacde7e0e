import { Button, Group, NumberInput, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, Refused, type Call, type Schemas } from '../../api/client';
import { useForms } from '../../api/queries';
import { leads, useMe } from '../../api/session';
import { Icon } from '../../widgets/Icon';
import { Failure } from '../../widgets/Page';
import { RowLink } from '../../widgets/RowLink';
import { Tag } from '../../widgets/StatePill';
import { Answers } from '../cases/CasePage';
import { NewCase } from '../cases/NewCase';

type Form = Schemas['FormOut'];
type Field = Schemas['FieldOut'];
type Answer = string | number | boolean | null;

function useWritten(call: string) {
  return useQuery({
    queryKey: ['desk', 'disposition', call],
    queryFn: () =>
      ask(api.GET('/api/v1/calls/{id}/disposition', { params: { path: { id: call } } })).catch((error: unknown) => {
        if (error instanceof Refused && error.status === 404) return null;
        throw error;
      }),
  });
}

/** What is to be written down after a call, or what was. */
export function Disposition({ call }: { call: Call }) {
  const { t } = useTranslation();
  const { role } = useMe();
  const forms = useForms();
  const written = useWritten(call.id);
  const form = forms.data?.find((one) => call.queue !== null && one.queues.includes(call.queue));
  if (!forms.isSuccess || !written.isSuccess) return null;
  const done = written.data;
  if (done) {
    return (
      <section aria-label={t('form.title')} data-disposition={done.form}>
        <Group gap="sm" mb={8}>
          <Tag tone="good">
            <Icon name="check" size={14} /> {t('form.done', { operator: done.operator })}
          </Tag>
          {done.protocol ? <RowLink href={`/cases/${encodeURIComponent(done.protocol)}`}>{done.protocol}</RowLink> : null}
        </Group>
        <Answers form={done.answers} />
      </section>
    );
  }
  if (!(role === 'operator' || leads(role))) return <Text className="quiet">{t('form.none')}</Text>;
  if (form === undefined) return <NewCase call={call.id} compact />;
  return <Fill call={call} form={form} />;
}

function Fill({ call, form }: { call: Call; form: Form }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [answers, setAnswers] = useState<Record<string, Answer>>(() => kept(call.id));
  const write = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/calls/{id}/disposition', { params: { path: { id: call.id } }, body: { answers, form: form.id } })),
    onSuccess: () => sessionStorage.removeItem(keyOf(call.id)),
    onSettled: () => client.invalidateQueries({ queryKey: ['desk'] }),
  });
  const wrong = new Map(write.error instanceof Refused ? write.error.errors.map((one) => [String(one.path).replace('$.answers.', ''), String(one.message)]) : []);
  const required = call.queue !== null && form.required_by.includes(call.queue);

  function set(name: string, value: Answer) {
    const next = { ...answers, [name]: value === '' ? null : value };
    setAnswers(next);
    sessionStorage.setItem(keyOf(call.id), JSON.stringify(next));
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    write.mutate();
  }

  return (
    <form onSubmit={submit} aria-label={t('form.title')} data-form={form.id}>
      <Stack gap="sm">
        <Group gap="sm">
          <Text fw={620} className="foreign">
            {form.name}
          </Text>
          {required ? <Tag tone="ring">{t('form.required')}</Tag> : null}
        </Group>
        {form.fields.map((field) => (
          <FieldInput key={field.name} field={field} value={answers[field.name] ?? null} error={wrong.get(field.name)} onChange={(value) => set(field.name, value)} />
        ))}
        {write.error && wrong.size === 0 ? <Failure error={write.error} /> : null}
        <Button type="submit" loading={write.isPending} leftSection={<Icon name="save" size={16} />}>
          {t('form.save')}
        </Button>
      </Stack>
    </form>
  );
}

/** What was typed is kept through a reload in the middle of a call. */
const keyOf = (call: string) => `ramal.form.${call}`;

function kept(call: string): Record<string, Answer> {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(call)) ?? '{}') as Record<string, Answer>;
  } catch {
    return {};
  }
}

function FieldInput({ field, value, error, onChange }: { field: Field; value: Answer; error: string | undefined; onChange: (value: Answer) => void }) {
  const { t } = useTranslation();
  const common = { label: field.label, required: field.required, error, size: 'sm' as const };
  const text = typeof value === 'string' ? value : '';
  switch (field.type) {
    case 'choice':
      return <Select {...common} data={field.choices} value={text || null} onChange={onChange} clearable={!field.required} />;
    case 'yes_no':
      return (
        <Select
          {...common}
          data={[{ value: 'yes', label: t('form.yes') }, { value: 'no', label: t('form.no') }]}
          value={value === true ? 'yes' : value === false ? 'no' : null}
          onChange={(chosen) => onChange(chosen === null ? null : chosen === 'yes')}
        />
      );
    case 'number':
      return <NumberInput {...common} value={typeof value === 'number' ? value : ''} onChange={(typed) => onChange(typeof typed === 'number' ? typed : null)} />;
    case 'date':
      return <TextInput {...common} type="date" value={text} onChange={(event) => onChange(event.currentTarget.value)} />;
    case 'phone':
      return <TextInput {...common} type="tel" maxLength={16} value={text} onChange={(event) => onChange(event.currentTarget.value)} />;
    default:
      return <Textarea {...common} autosize minRows={1} maxRows={6} maxLength={2000} value={text} onChange={(event) => onChange(event.currentTarget.value)} />;
  }
}
