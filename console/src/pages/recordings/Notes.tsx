import { ActionIcon, Button, Group, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { leads, useMe } from '../../api/session';
import { Icon } from '../../widgets/Icon';
import { Failure } from '../../widgets/Page';
import { duration } from '../../widgets/time';
import classes from './Recordings.module.css';

function useNotes(id: string) {
  const { role } = useMe();
  return useQuery({
    queryKey: ['recording', id, 'notes'],
    queryFn: async () => (await ask(api.GET('/api/v1/recordings/{id}/notes', { params: { path: { id } } }))).items,
    enabled: role !== 'client',
  });
}

/** Where remarks stand, laid over the waveform. */
export function NoteMarks({ id, length_s }: { id: string; length_s: number }) {
  const notes = useNotes(id);
  return (
    <div className={classes.marks} aria-hidden="true">
      {(notes.data ?? []).map((note) => (
        <span key={note.id} className={classes.remark} data-remark={note.at_s} style={{ left: `${Math.min(100, (100 * note.at_s) / Math.max(0.1, length_s))}%` }} />
      ))}
    </div>
  );
}

/** Remarks at a second of a recording; a click goes there. */
export function Notes({ id, at, onGo }: { id: string; at: number; onGo: (second: number) => void }) {
  const { t } = useTranslation();
  const { role } = useMe();
  const client = useQueryClient();
  const path = { id };
  const [text, setText] = useState('');
  const notes = useNotes(id);
  const after = { onSettled: () => client.invalidateQueries({ queryKey: ['recording', id, 'notes'] }) };
  const add = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/recordings/{id}/notes', { params: { path }, body: { at_s: Math.round(at * 10) / 10, text: text.trim() } })),
    onSuccess: () => setText(''),
    ...after,
  });
  const drop = useMutation({
    mutationFn: (note: string) => ask(api.DELETE('/api/v1/recordings/{id}/notes/{note}', { params: { path: { id, note } } })),
    ...after,
  });
  if (role === 'client') return null;
  const sorted = [...(notes.data ?? [])].sort((a, b) => a.at_s - b.at_s);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (text.trim() !== '') add.mutate();
  }

  return (
    <section aria-label={t('note.title')} className={classes.notes}>
      <ul>
        {sorted.map((note) => (
          <li key={note.id} data-note={note.id}>
            <UnstyledButton className="figures" onClick={() => onGo(note.at_s)} aria-label={t('note.go', { at: duration(note.at_s) })}>
              {duration(note.at_s)}
            </UnstyledButton>
            <span className="foreign">{note.text}</span>
            <span className="quiet foreign">{note.by}</span>
            {leads(role) ? (
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('note.remove', { at: duration(note.at_s) })} onClick={() => drop.mutate(note.id)}>
                <Icon name="x" size={14} />
              </ActionIcon>
            ) : null}
          </li>
        ))}
      </ul>
      {leads(role) ? (
        <form onSubmit={submit}>
          <Group gap="xs" wrap="nowrap" align="flex-end">
            <TextInput size="xs" style={{ flex: 1 }} label={t('note.at', { at: duration(at) })} value={text} maxLength={2000} onChange={(event) => setText(event.currentTarget.value)} />
            <Button type="submit" size="xs" variant="default" loading={add.isPending} disabled={text.trim() === ''}>
              {t('note.add')}
            </Button>
          </Group>
        </form>
      ) : null}
      {add.error ? <Failure error={add.error} /> : drop.error ? <Failure error={drop.error} /> : null}
    </section>
  );
}

/** Who heard, fetched or changed this recording; for who may read the audit log. */
export function Accesses({ id }: { id: string }) {
  const { t, i18n } = useTranslation();
  const { role } = useMe();
  const [open, setOpen] = useState(false);
  const acts = useQuery({
    queryKey: ['audit', 'of', id],
    queryFn: async () => (await ask(api.GET('/api/v1/audit', { params: { query: { target: id, limit: 50 } } }))).items,
    enabled: open,
  });
  if (role !== 'admin' && role !== 'auditor') return null;
  return (
    <section aria-label={t('note.accesses')} className={classes.notes}>
      <Button size="compact-xs" variant="subtle" leftSection={<Icon name="shield" size={14} />} aria-expanded={open} onClick={() => setOpen(!open)}>
        {t('note.accesses')}
      </Button>
      {open ? (
        <ul>
          {(acts.data ?? []).map((act) => (
            <li key={act.seq} data-access={act.seq}>
              <span className="figures">{new Date(act.at).toLocaleString(i18n.language, { hourCycle: 'h23' })}</span>
              <span className="foreign">{act.who}</span>
              <Text component="span" size="xs" className="mono quiet">
                {act.action} {act.status}
              </Text>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
