import { ActionIcon, Group, NumberInput, Select, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../widgets/Icon';
import type { FieldProps } from './Field';
import classes from './Site.module.css';
import { useWords } from './words';

/** Skills with the level that is asked for. */
export function Levels({ path, place, value, names, errors, onChange, least }: FieldProps & { least: number }) {
  const { t } = useTranslation();
  const { label } = useWords();
  const levels = (value ?? {}) as Record<string, number>;
  const free = (names.skill ?? []).filter((skill) => !(skill in levels));
  const put = (next: Record<string, unknown>) => onChange(Object.keys(next).length === 0 ? undefined : next);
  return (
    <fieldset className={classes.part}>
      <legend>{label(path)}</legend>
      <Stack gap={6}>
        {Object.entries(levels).map(([skill, level]) => (
          <Group key={skill} gap="xs" wrap="nowrap">
            <Text size="sm" className="foreign" style={{ flex: 1 }}>
              {skill}
            </Text>
            <NumberInput size="xs" w={90} aria-label={t('site.level', { skill })} value={level} min={least} max={5} allowDecimal={false} error={errors.get(`${place}.${skill}`)} onChange={(next) => put({ ...levels, [skill]: next === '' ? least : next })} />
            <ActionIcon variant="subtle" color="gray" aria-label={t('site.drop', { name: skill })} onClick={() => put(Object.fromEntries(Object.entries(levels).filter(([one]) => one !== skill)))}>
              <Icon name="x" size={15} />
            </ActionIcon>
          </Group>
        ))}
        <Select size="xs" aria-label={t('site.addSkill')} placeholder={t('site.addSkill')} data={free} value={null} searchable nothingFoundMessage={t('list.none')} onChange={(skill) => skill !== null && put({ ...levels, [skill]: 1 })} />
      </Stack>
    </fieldset>
  );
}
