import { Button, Select, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useForms, useQueueNames } from '../../api/queries';
import { useMe } from '../../api/session';
import { Icon } from '../../widgets/Icon';
import classes from './Recordings.module.css';

export interface Search {
  from: string;
  operator: string;
  queue: string;
  disposition: string;
  protocol: string;
  text: string;
  since: string;
  until: string;
}

export const NOTHING: Search = { from: '', operator: '', queue: '', disposition: '', protocol: '', text: '', since: '', until: '' };

/** What the server is asked: moments in UTC, nothing that is empty. */
export function filterOf(search: Search): Partial<Search> {
  const moment = (local: string) => (local ? new Date(local).toISOString() : '');
  const whole = { ...search, since: moment(search.since), until: moment(search.until) };
  return Object.fromEntries(Object.entries(whole).flatMap(([name, value]) => (value.trim() ? [[name, value.trim()]] : [])));
}

/** What recordings are searched by; what is written down after calls is the staff's to know. */
export function Filters({ draft, onChange }: { draft: Search; onChange: (draft: Search) => void }) {
  const { t } = useTranslation();
  const { role } = useMe();
  const staff = role !== 'client';
  const queues = useQueueNames();
  const forms = useForms(staff);
  const set = (name: keyof Search) => (value: string | null) => onChange({ ...draft, [name]: value ?? '' });
  const text = (name: keyof Search) => ({
    value: draft[name],
    onChange: (event: { currentTarget: { value: string } }) => set(name)(event.currentTarget.value),
    size: 'sm' as const,
    maxLength: 64,
  });
  const choice = (name: keyof Search, data: { id: string; name: string }[] | undefined) => ({
    data: (data ?? []).map((one) => ({ value: one.id, label: one.name })),
    value: draft[name] || null,
    onChange: set(name),
    clearable: true,
    searchable: true,
    size: 'sm' as const,
  });
  return (
    <form role="search" className={classes.filters} onSubmit={(event) => event.preventDefault()}>
      <TextInput {...text('from')} label={t('call.from')} leftSection={<Icon name="search" size={15} />} />
      {staff ? <TextInput {...text('operator')} label={t('call.operator')} /> : null}
      <Select {...choice('queue', queues.data)} label={t('call.queue')} />
      {staff ? <Select {...choice('disposition', forms.data)} label={t('recording.disposition')} /> : null}
      <TextInput {...text('protocol')} label={t('call.protocol')} />
      <TextInput {...text('text')} label={t('recording.words')} />
      <TextInput {...text('since')} type="datetime-local" label={t('call.since')} />
      <TextInput {...text('until')} type="datetime-local" label={t('call.until')} />
      {JSON.stringify(draft) === JSON.stringify(NOTHING) ? null : (
        <Button variant="subtle" size="sm" onClick={() => onChange(NOTHING)} leftSection={<Icon name="x" size={15} />}>
          {t('do.clear')}
        </Button>
      )}
    </form>
  );
}
