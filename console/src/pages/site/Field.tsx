import { Autocomplete, Button, MultiSelect, NumberInput, Select, SimpleGrid, Stack, Switch, TagsInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../widgets/Icon';
import { Hours } from './Hours';
import { Levels } from './Levels';
import classes from './Site.module.css';
import type { Field as FieldSchema, Value } from './site';
import { SPAN, useWords } from './words';

/** Names that a field may choose from, by what it names. */
export type Names = Partial<Record<string, string[]>>;

export interface FieldProps {
  path: string[];
  /** Where the server would say that it is wrong: `$.value.ring_s`. */
  place: string;
  schema: FieldSchema;
  value: unknown;
  required: boolean;
  names: Names;
  errors: Map<string, string>;
  onChange: (value: unknown) => void;
}

/** One field of the schema, whatever its type. */
export function Field(props: FieldProps) {
  const { schema, path } = props;
  const levels = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
  if (schema.properties !== undefined) return <Part {...props} />;
  if (path.at(-1) === 'hours' && levels !== undefined) return <Hours {...props} />;
  if (levels !== undefined) return <Levels {...props} least={path.at(-1) === 'needs' ? 0 : 1} />;
  if (schema.type === 'array' && schema.items?.properties !== undefined) return <Items {...props} />;
  return <Single {...props} />;
}

/** Several fields that belong together; open when something in it is set or wrong. */
function Part({ path, place, schema, value, names, errors, onChange }: FieldProps) {
  const { label } = useWords();
  const wrong = [...errors.keys()].some((key) => key.startsWith(place));
  const [open, setOpen] = useState(false);
  return (
    <details className={classes.part} open={open || wrong} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{label(path)}</summary>
      <Fields path={path} place={place} schema={schema} value={(value ?? {}) as Value} names={names} errors={errors} onChange={(next) => onChange(Object.keys(next).length === 0 ? undefined : next)} />
    </details>
  );
}

/** The fields of an object. */
export function Fields({ path, place, schema, value, names, errors, onChange }: Omit<FieldProps, 'value' | 'required' | 'onChange'> & { value: Value; onChange: (value: Value) => void }) {
  const wide = (below: FieldSchema) => below.type === 'object' || below.type === 'array';
  const set = (name: string, next: unknown) => {
    const { [name]: _, ...rest } = value;
    onChange(next === undefined ? rest : { ...value, [name]: next });
  };
  const all = Object.entries(schema.properties ?? {}) as [string, FieldSchema][];
  const field = ([name, below]: [string, FieldSchema]) => (
    <Field key={name} path={[...path, name]} place={`${place}.${name}`} schema={below} value={value[name]} required={schema.required?.includes(name) ?? false} names={names} errors={errors} onChange={(next) => set(name, next)} />
  );
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm" verticalSpacing="sm">
        {all.filter(([, below]) => !wide(below)).map(field)}
      </SimpleGrid>
      {all.filter(([, below]) => wide(below)).map(field)}
    </Stack>
  );
}

/** A list of objects: steps, days. */
function Items({ path, place, schema, value, names, errors, onChange }: FieldProps) {
  const { t } = useTranslation();
  const { label } = useWords();
  const items = Array.isArray(value) ? (value as Value[]) : [];
  const nameOf = (at: number) => (path.at(-1) === 'relax' ? t('site.step', { place: at + 1 }) : t('site.closure', { place: at + 1 }));
  const put = (next: Value[]) => onChange(next.length === 0 ? undefined : next);
  return (
    <fieldset className={classes.part}>
      <legend>{label(path)}</legend>
      <Stack gap="sm">
        {items.map((item, at) => (
          <fieldset key={at} className={classes.item}>
            <legend>{nameOf(at)}</legend>
            {errors.has(`${place}.${at}`) ? (
              <p className={classes.wrong} role="alert">
                {errors.get(`${place}.${at}`)}
              </p>
            ) : null}
            <Fields path={path} place={`${place}.${at}`} schema={schema.items ?? {}} value={item} names={names} errors={errors} onChange={(next) => put(items.map((one, which) => (which === at ? next : one)))} />
            <Button size="compact-xs" variant="default" mt="xs" onClick={() => put(items.filter((_, which) => which !== at))}>
              {t('site.drop', { name: nameOf(at) })}
            </Button>
          </fieldset>
        ))}
        <Button size="xs" variant="light" leftSection={<Icon name="plus" size={14} />} onClick={() => put([...items, {}])} style={{ alignSelf: 'flex-start' }}>
          {t('site.add')} · {label(path)}
        </Button>
      </Stack>
    </fieldset>
  );
}

/** A text, a number, a choice, a name or a list of them. */
function Single({ path, place, schema, value, required, names, errors, onChange }: FieldProps) {
  const { t } = useTranslation();
  const { label, choice, told } = useWords();
  const usual = schema.default === undefined ? undefined : t('site.usual', { value: told(schema.default) });
  const common = { size: 'sm' as const, label: label(path), required, withAsterisk: required, error: errors.get(place), 'data-field': path.join('.') };
  const text = value === undefined || value === null ? '' : String(value);
  const known = path.at(-1) === 'form' ? names.form : names[schema['x-ramal'] ?? ''];
  if (schema.enum !== undefined) {
    return <Select {...common} placeholder={usual ?? t('node.default')} data={schema.enum.map((one) => ({ value: String(one), label: choice(String(one)) }))} value={value === undefined ? null : text} clearable onChange={(next) => onChange(next ?? undefined)} clearButtonProps={{ 'aria-label': t('site.drop', { name: label(path) }) }} />;
  }
  if (schema.type === 'boolean') {
    return <Switch size="sm" mt="sm" label={label(path)} checked={(value ?? schema.default ?? false) === true} onChange={(event) => onChange(event.currentTarget.checked === (schema.default ?? false) ? undefined : event.currentTarget.checked)} data-field={path.join('.')} />;
  }
  if (schema.type === 'number' || schema.type === 'integer') {
    return <NumberInput {...common} placeholder={usual} value={typeof value === 'number' || typeof value === 'string' ? value : ''} allowDecimal={schema.type === 'number'} hideControls onChange={(next) => onChange(next === '' ? undefined : next)} />;
  }
  if (schema.type === 'array') {
    const list = Array.isArray(value) ? value.map(String) : [];
    const queues = schema.items?.['x-ramal'] === 'queue';
    if (queues) return <MultiSelect {...common} data={withThese(names.queue, list)} value={list} onChange={(next) => onChange(next.length === 0 ? undefined : next)} />;
    const wrong = list.some((one) => !SPAN.test(one));
    return <TagsInput {...common} description={t('site.spanHint')} error={common.error ?? (wrong ? t('site.spanWrong') : undefined)} value={list} onChange={(next) => onChange(next.length === 0 ? undefined : next)} />;
  }
  if (path.at(-1) === 'timezone') return <Autocomplete {...common} placeholder={usual} data={names.timezone ?? []} limit={30} value={text} onChange={(next) => onChange(next === '' ? undefined : next)} />;
  if (known !== undefined) {
    return <Select {...common} placeholder={usual ?? t('site.usualNothing')} searchable data={withThese(known, text === '' ? [] : [text])} value={text === '' ? null : text} clearable={!required} onChange={(next) => onChange(next ?? undefined)} nothingFoundMessage={t('list.none')} clearButtonProps={{ 'aria-label': t('site.drop', { name: label(path) }) }} />;
  }
  return <TextInput {...common} type={path.join('.') === 'closures.start' || path.join('.') === 'closures.end' ? 'date' : 'text'} placeholder={usual} value={text} maxLength={schema.maxLength} onChange={(event) => onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value)} />;
}

/** The names there are, and those in use although they are no more. */
function withThese(known: string[] | undefined, used: string[]): string[] {
  return [...new Set([...(known ?? []), ...used])];
}
