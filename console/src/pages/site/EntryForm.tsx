import { Alert, Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Refused } from '../../api/client';
import { LANGUAGES } from '../../i18n';
import { Icon } from '../../widgets/Icon';
import { Failure } from '../../widgets/Page';
import { tellDone } from '../../widgets/tell';
import { Clash } from './Clash';
import { Fields, type Names } from './Field';
import { useReturnFocus } from './returnFocus';
import { fetchEntry, merged, putEntry, schemaOf, useEntries, useSite, type Entry, type Kind, type Value } from './site';

interface Wrong {
  path?: string;
  message?: string;
  file?: string;
  line?: number;
}

const KEY_HINTS: Partial<Record<Kind, 'site.numberHint' | 'site.pauseHint'>> = { numbers: 'site.numberHint', pauses: 'site.pauseHint' };

/** Change an entry or add one. What somebody else changed meanwhile is shown, and nothing is lost. */
export function EntryForm({ kind, entry, onClose }: { kind: Kind; entry: Entry | null; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  useReturnFocus();
  const names = useNames();
  const [name, setName] = useState(entry?.name ?? '');
  const [start, setStart] = useState<Value>(entry?.value ?? {});
  const [value, setValue] = useState<Value>(entry?.value ?? (kind === 'calendars' ? { hours: {} } : {}));
  const [base, setBase] = useState<string | null>(entry?.version ?? null);
  const [theirs, setTheirs] = useState<Value | null>(null);
  const [gone, setGone] = useState(false);
  const save = useMutation({
    mutationFn: () => putEntry(kind, name, value, base),
    onSuccess: async () => {
      await Promise.all([['site'], ['versions', 'site']].map((queryKey) => client.invalidateQueries({ queryKey })));
      tellDone(t('site.saved', { name }));
      onClose();
    },
    onError: async (error) => {
      if (base !== null && error instanceof Refused && error.status === 409) await lookAgain();
    },
  });

  async function lookAgain() {
    try {
      const now = await fetchEntry(kind, name);
      setTheirs(now.value);
      setValue(merged(start, value, now.value));
      setStart(now.value);
      setBase(now.version);
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 404) throw error;
      setGone(true);
      setBase(null);
    }
  }

  const wrongs = save.error instanceof Refused && save.error.status === 422 ? (save.error.errors as Wrong[]) : [];
  const errors = useMemo(() => new Map(wrongs.map((one) => [one.path ?? '', one.message ?? ''])), [save.error]);
  const late = base !== null && save.error instanceof Refused && save.error.status === 409;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Modal opened onClose={onClose} size="xl" title={entry === null ? t(`site.new.${kind}`) : t('site.edit', { name: entry.name })} closeButtonProps={{ 'aria-label': t('do.close') }}>
      <form onSubmit={submit} data-entry={name} noValidate>
        <Stack gap="md">
          {theirs ? <Clash mine={value} theirs={theirs} onTakeTheirs={() => { setValue(theirs); setTheirs(null); }} /> : null}
          {gone ? <Alert color="orange" variant="light" icon={<Icon name="alert" />} role="alert">{t('site.gone')}</Alert> : null}
          {entry === null ? (
            <TextInput label={t(`site.key.${kind}`)} description={t(KEY_HINTS[kind] ?? 'site.keyHint')} required withAsterisk value={name} maxLength={63} error={errors.get('$.name')} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
          ) : null}
          <Fields path={[]} place="$.value" schema={schemaOf(kind)} value={value} names={names} errors={errors} onChange={setValue} />
          {wrongs.length > 0 ? <Wrongs wrongs={wrongs} /> : save.error && !late && !gone ? <Failure error={save.error} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('do.cancel')}
            </Button>
            <Button type="submit" loading={save.isPending} disabled={name === ''}>
              {theirs ? t('site.saveMine') : t('do.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Everything that the checker found, with file and line; flows that need what would change are among it. */
function Wrongs({ wrongs }: { wrongs: Wrong[] }) {
  const { t } = useTranslation();
  return (
    <Alert color="red" variant="light" icon={<Icon name="alert" />} title={t('site.wrong')} role="alert">
      <ul style={{ margin: 0, paddingLeft: 18 }}>
        {wrongs.slice(0, 20).map((one, at) => (
          <li key={at} className="foreign">
            {one.path ? '' : `${one.file ?? ''}:${one.line ?? ''} `}
            {one.message}
          </li>
        ))}
      </ul>
    </Alert>
  );
}

/** What fields may name. */
function useNames(): Names {
  const site = useSite().data;
  const queues = useEntries('queues').data;
  const skills = useEntries('skills').data;
  const calendars = useEntries('calendars').data;
  return useMemo(
    () => ({
      queue: queues?.map((one) => one.name) ?? [],
      skill: skills?.map((one) => one.name) ?? [],
      calendar: calendars?.map((one) => one.name) ?? [],
      flow: site?.flows ?? [],
      form: site?.forms ?? [],
      language: Object.keys(LANGUAGES),
      timezone: Intl.supportedValuesOf('timeZone'),
    }),
    [site, queues, skills, calendars],
  );
}
