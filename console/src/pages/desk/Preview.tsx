import { Button, Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, Refused, type Operator, type Schemas } from '../../api/client';
import { Facts } from '../../widgets/Facts';
import { Icon } from '../../widgets/Icon';
import { Tag } from '../../widgets/StatePill';
import { tellFailed } from '../../widgets/tell';
import { duration, useSecond } from '../../widgets/time';
import classes from './Desk.module.css';

type Shown = Schemas['PreviewOut'];
const WHY = ['unsuitable_hour', 'wrong_person', 'already_reached', 'other'] as const;

/** The contact that a campaign shows this operator before it is called; null: none. */
export function usePreview(operator: Operator | undefined): Shown | null {
  const extension = operator?.extension ?? '';
  // Whoever is shown a contact is kept free for it.
  const reserved = operator?.state === 'reserved';
  const shown = useQuery({
    queryKey: ['preview', extension],
    queryFn: () =>
      ask(api.GET('/api/v1/operators/{extension}/preview', { params: { path: { extension } } })).catch((error: unknown) => {
        if (error instanceof Refused && error.status === 404) return null;
        throw error;
      }),
    enabled: reserved,
    refetchInterval: 2_000,
  }).data;
  return reserved ? (shown ?? null) : null;
}

/** Dial the contact, or pass it over with a reason. */
export function Preview({ shown, extension }: { shown: Shown; extension: string }) {
  return <Contact key={shown.attempt} shown={shown} path={{ extension }} />;
}

function Contact({ shown, path }: { shown: Shown; path: { extension: string } }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const now = useSecond();
  const [why, setWhy] = useState<(typeof WHY)[number]>('unsuitable_hour');
  const [words, setWords] = useState('');
  const [again_h, setAgain] = useState(1);
  const after = {
    onError: (error: unknown) => tellFailed(t('failure.conflict'), error),
    onSettled: () => Promise.all([client.invalidateQueries({ queryKey: ['preview'] }), client.invalidateQueries({ queryKey: ['operators'] })]),
  };
  const { attempt } = shown;
  const dial = useMutation({ mutationFn: () => ask(api.POST('/api/v1/operators/{extension}/preview/accept', { params: { path }, body: { attempt } })), ...after });
  const skip = useMutation({
    mutationFn: () =>
      ask(api.POST('/api/v1/operators/{extension}/preview/skip', { params: { path }, body: { attempt, reason: why === 'other' ? words.trim() : why, again_s: again_h * 3600 } })),
    ...after,
  });
  const busy = dial.isPending || skip.isPending;
  const left = Math.max(0, Date.parse(shown.until) / 1000 - now);
  return (
    <section className={`card ${classes.call} ${classes.ringing}`} aria-label={t('preview.title')} data-preview={attempt}>
      <Group justify="space-between" align="flex-start">
        <div>
          <Text size="sm" className="quiet" role="alert">
            {t('preview.title')} · <span className="foreign">{shown.campaign}</span>
          </Text>
          <div className={`${classes.number} foreign`}>{shown.name || shown.number}</div>
          {shown.name ? <Text className="foreign figures">{shown.number}</Text> : null}
        </div>
        <Tag tone={left < 15 ? 'bad' : 'ring'}>
          <Icon name="hourglass" size={14} /> {t('preview.left', { left: duration(left) })}
        </Tag>
      </Group>
      <Facts entries={[[t('preview.attempts'), String(shown.attempts)], ...Object.entries(shown.data)]} />
      <Stack gap="sm" mt="md">
        <Button size="md" leftSection={<Icon name="phoneOutgoing" />} loading={dial.isPending} disabled={busy} onClick={() => dial.mutate()}>
          {t('preview.dial')}
        </Button>
        <Group align="flex-end" gap="sm">
          <Select label={t('preview.why')} data={WHY.map((value) => ({ value, label: t(`preview.reasons.${value}`) }))} value={why} allowDeselect={false} onChange={(value) => value && setWhy(value as typeof why)} />
          {why === 'other' ? <TextInput label={t('preview.reason')} value={words} maxLength={200} onChange={(event) => setWords(event.currentTarget.value)} /> : null}
          <NumberInput label={t('preview.again')} value={again_h} min={1} max={2160} w={130} onChange={(value) => setAgain(Number(value) || 1)} />
          <Button variant="default" leftSection={<Icon name="arrowRight" size={16} />} loading={skip.isPending} disabled={busy || (why === 'other' && words.trim() === '')} onClick={() => skip.mutate()}>
            {t('preview.skip')}
          </Button>
        </Group>
      </Stack>
    </section>
  );
}
