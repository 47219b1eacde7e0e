import { ActionIcon, Autocomplete, Button, Group, NumberInput, Select, Stack, Switch, TagsInput, Text, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useOperators, useQueueNames } from '../../api/queries';
import { LANGUAGES, type LanguageTag } from '../../i18n';
import { Icon } from '../../widgets/Icon';
import { Failure } from '../../widgets/Page';

export interface OperatorFields {
  extension: string;
  name: string;
  skills: Record<string, number>;
  queues: string[] | null;
  language: LanguageTag;
  wrap_up_s: number;
  auto_answer: boolean;
  confirm: boolean;
  leads: boolean;
  enabled: boolean;
}

interface Props {
  start: OperatorFields;
  /** The extension is chosen once. */
  fresh: boolean;
  busy: boolean;
  error: unknown;
  onSave: (fields: OperatorFields) => void;
}

/** Name, skills, queues: what an operator is. */
export function OperatorForm({ start, fresh, busy, error, onSave }: Props) {
  const { t } = useTranslation();
  const [fields, setFields] = useState(start);
  const set = <K extends keyof OperatorFields>(name: K, value: OperatorFields[K]) => setFields({ ...fields, [name]: value });
  const queues = useQueueNames();

  function submit(event: FormEvent) {
    event.preventDefault();
    onSave(fields);
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Group grow align="flex-start">
          {fresh ? (
            <TextInput
              label={t('operator.extension')}
              value={fields.extension}
              onChange={(event) => set('extension', event.currentTarget.value)}
              pattern="[0-9]{2,8}"
              inputMode="numeric"
              required
              data-autofocus
            />
          ) : null}
          <TextInput
            label={t('operator.name')}
            value={fields.name}
            onChange={(event) => set('name', event.currentTarget.value)}
            maxLength={80}
            required
          />
        </Group>
        <SkillsEditor skills={fields.skills} onChange={(skills) => set('skills', skills)} />
        <TagsInput
          label={t('operator.queues')}
          description={t('operator.queuesHint')}
          data={(queues.data ?? []).map((queue) => queue.id)}
          value={fields.queues ?? []}
          onChange={(chosen) => set('queues', chosen.length > 0 ? chosen : null)}
        />
        <Group grow align="flex-start">
          <Select
            label={t('operator.language')}
            data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
            value={fields.language}
            onChange={(value) => set('language', (value ?? 'pt-BR') as LanguageTag)}
            allowDeselect={false}
          />
          <NumberInput
            label={t('operator.wrapUp')}
            value={fields.wrap_up_s}
            onChange={(value) => set('wrap_up_s', Number(value) || 0)}
            min={0}
            max={3600}
            hideControls
          />
        </Group>
        <Switch
          label={t('operator.autoAnswer')}
          description={t('operator.autoAnswerHint')}
          checked={fields.auto_answer}
          disabled={fields.confirm}
          onChange={(event) => set('auto_answer', event.currentTarget.checked)}
        />
        <Switch
          label={t('operator.confirm')}
          description={t('operator.confirmHint')}
          checked={fields.confirm}
          onChange={(event) => setFields({ ...fields, confirm: event.currentTarget.checked, auto_answer: fields.auto_answer && !event.currentTarget.checked })}
        />
        <Switch
          label={t('operator.leads')}
          description={t('operator.leadsHint')}
          checked={fields.leads}
          onChange={(event) => set('leads', event.currentTarget.checked)}
        />
        <Switch
          label={t('operator.enabled')}
          checked={fields.enabled}
          onChange={(event) => set('enabled', event.currentTarget.checked)}
        />
        {error === null ? null : <Failure error={error} />}
        <Button type="submit" loading={busy}>
          {t('do.save')}
        </Button>
      </Stack>
    </form>
  );
}

const KEY = /^[a-z0-9][a-z0-9_-]{0,63}$/;

function SkillsEditor({ skills, onChange }: { skills: Record<string, number>; onChange: (skills: Record<string, number>) => void }) {
  const { t } = useTranslation();
  const operators = useOperators();
  const [added, setAdded] = useState('');
  const known = [...new Set((operators.data ?? []).flatMap((one) => Object.keys(one.skills)))].sort();
  const bad = added !== '' && !KEY.test(added);

  function add() {
    if (!KEY.test(added)) return;
    onChange({ ...skills, [added]: skills[added] ?? 1 });
    setAdded('');
  }

  return (
    <div>
      <Text size="sm" fw={500} mb={4}>
        {t('operator.skills')}
      </Text>
      <Stack gap={6}>
        {Object.entries(skills).map(([skill, level]) => (
          <Group key={skill} gap="xs" wrap="nowrap">
            <Text size="sm" className="foreign" style={{ flex: 1 }}>
              {skill}
            </Text>
            <NumberInput
              aria-label={t('operator.level', { skill })}
              value={level}
              onChange={(value) => onChange({ ...skills, [skill]: Math.min(5, Math.max(1, Number(value) || 1)) })}
              min={1}
              max={5}
              w={84}
              size="xs"
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('operator.dropSkill', { skill })}
              onClick={() => onChange(Object.fromEntries(Object.entries(skills).filter(([name]) => name !== skill)))}
            >
              <Icon name="x" size={15} />
            </ActionIcon>
          </Group>
        ))}
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <Autocomplete
            aria-label={t('operator.addSkill')}
            placeholder={t('operator.addSkill')}
            data={known.filter((skill) => !(skill in skills))}
            value={added}
            onChange={setAdded}
            error={bad ? t('operator.skillKey') : undefined}
            size="xs"
            style={{ flex: 1 }}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return;
              event.preventDefault();
              add();
            }}
          />
          <ActionIcon variant="light" aria-label={t('operator.addSkill')} onClick={add} disabled={added === '' || bad}>
            <Icon name="plus" size={15} />
          </ActionIcon>
        </Group>
      </Stack>
    </div>
  );
}
