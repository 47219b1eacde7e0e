import { Button, Checkbox, Stack, TagsInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { useMe } from '../../api/session';
import { Failure } from '../../widgets/Page';

export interface WebhookDraft {
  url: string;
  events: string[];
  private: boolean;
}

interface Props {
  before?: WebhookDraft;
  error: unknown;
  busy: boolean;
  act: string;
  onSubmit: (draft: WebhookDraft) => void;
}

/** Whom to tell, and of which events; what is wrong with either is the server's to say. */
export function WebhookForm({ before, error, busy, act, onSubmit }: Props) {
  const { t } = useTranslation();
  const { client } = useMe();
  const [draft, setDraft] = useState<WebhookDraft>(before ?? { url: '', events: ['call.ended'], private: false });
  const known = useQuery({ queryKey: ['webhook-events'], queryFn: async () => (await ask(api.GET('/api/v1/webhooks/events'))).events, staleTime: Infinity });
  const offered = useMemo(() => {
    const names = known.data ?? [];
    const groups = [...new Set(names.map((name) => `${name.split('.')[0]}.*`))];
    return ['*', ...groups, ...names];
  }, [known.data]);

  function submit(event: FormEvent) {
    event.preventDefault();
    onSubmit({ ...draft, url: draft.url.trim() });
  }

  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput type="url" label={t('webhook.url')} placeholder="https://" required withAsterisk={false} maxLength={2000} value={draft.url} onChange={(event) => setDraft({ ...draft, url: event.currentTarget.value })} data-autofocus />
        <TagsInput label={t('webhook.events')} description={t('webhook.eventsHint')} data={offered} maxTags={64} value={draft.events} onChange={(events) => setDraft({ ...draft, events })} clearable clearButtonProps={{ 'aria-label': t('do.clear') }} />
        {client === null ? <Checkbox label={t('webhook.private')} checked={draft.private} onChange={(event) => setDraft({ ...draft, private: event.currentTarget.checked })} /> : null}
        {error ? <Failure error={error} /> : null}
        <Button type="submit" loading={busy} disabled={draft.events.length === 0}>
          {act}
        </Button>
      </Stack>
    </form>
  );
}
