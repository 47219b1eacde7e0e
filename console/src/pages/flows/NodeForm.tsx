import { ActionIcon, Autocomplete, Button, Group, Modal, NumberInput, Select, Stack, TagsInput, Text, TextInput, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMemo, useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../widgets/Icon';
import { Empty } from '../../widgets/Page';
import { addNode, nodeValues, removeNode, setValue, type Value } from './edit';
import classes from './Flows.module.css';
import { NODE_TYPES, nodeSchema, summary, type Schema } from './schema';

interface Props {
  text: string;
  node: string | null;
  nodes: string[];
  readOnly: boolean;
  onChange: (text: string) => void;
  onReveal: (node: string) => void;
}

/** The selected node as a form, made of the published schema; it writes into the same text that stands beside it. */
export default function NodeForm({ text, node, nodes, readOnly, onChange, onReveal }: Props) {
  const { t } = useTranslation();
  const values = useMemo(() => (node === null ? {} : nodeValues(text, node)), [text, node]);
  const type = String(values.type ?? '');
  const schema = nodeSchema(type);
  return (
    <div className={classes.form}>
      {node === null || schema === undefined ? (
        <Empty icon="flow">{t('node.pick')}</Empty>
      ) : (
        <Stack gap="sm" data-node-form={node}>
          <div>
            <Title order={2} className="foreign">
              {node}
            </Title>
            <Text size="sm" className="quiet">
              <b>{type}</b> · {summary(schema)}
            </Text>
          </div>
          {Object.entries(schema.properties ?? {})
            .filter(([name]) => name !== 'type')
            .map(([name, below]) => (
              <Field
                key={`${node}.${name}`}
                name={name}
                schema={below}
                value={values[name]}
                required={schema.required?.includes(name) ?? false}
                nodes={nodes}
                readOnly={readOnly}
                onSet={(path, value) => onChange(setValue(text, node, [name, ...path], value))}
                onReveal={() => onReveal(node)}
              />
            ))}
          {readOnly ? null : (
            <Group>
              <Button variant="subtle" color="red" size="xs" leftSection={<Icon name="trash" size={15} />} onClick={() => onChange(removeNode(text, node))}>
                {t('node.remove')}
              </Button>
            </Group>
          )}
        </Stack>
      )}
      {readOnly ? null : <NewNode text={text} nodes={nodes} onAdd={onChange} />}
    </div>
  );
}

interface FieldProps {
  name: string;
  schema: Schema;
  value: unknown;
  required: boolean;
  nodes: string[];
  readOnly: boolean;
  onSet: (path: string[], value: Value | undefined) => void;
  onReveal: () => void;
}

/** What kind of control a value of the schema wants. */
function kindOf(schema: Schema): 'target' | 'exits' | 'keys' | 'choice' | 'truth' | 'number' | 'words' | 'prompts' | 'text' {
  if (schema['x-ramal'] === 'target') return 'target';
  if (schema.enum !== undefined) return 'choice';
  if (schema.type === 'boolean') return 'truth';
  if (schema.type === 'number' || schema.type === 'integer') return 'number';
  if (schema.type === 'string') return 'words';
  if ((schema.anyOf ?? []).some((one) => one['x-ramal'] === 'prompt')) return 'prompts';
  if (schema.type === 'object' && schema.properties?.otherwise !== undefined) return 'exits';
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object' && schema.additionalProperties['x-ramal'] === 'target') return 'keys';
  return 'text';
}

function Field({ name, schema, value, required, nodes, readOnly, onSet, onReveal }: FieldProps) {
  const { t } = useTranslation();
  const common = { size: 'xs' as const, label: name, description: summary(schema) || undefined, required, withAsterisk: required, disabled: readOnly };
  switch (name === 'next' ? 'target' : kindOf(schema)) {
    case 'target':
      return <Target {...common} nodes={nodes} value={typeof value === 'string' ? value : ''} onSet={(next) => onSet([], next)} />;
    case 'choice':
      return <Select {...common} data={(schema.enum ?? []).map(String)} value={value === undefined ? null : String(value)} clearable={!required} onChange={(next) => onSet([], next ?? undefined)} />;
    case 'truth':
      return (
        <Select
          {...common}
          placeholder={t('node.default')}
          data={[{ value: 'true', label: t('node.yes') }, { value: 'false', label: t('node.no') }]}
          value={typeof value === 'boolean' ? String(value) : null}
          clearable
          onChange={(next) => onSet([], next === null ? undefined : next === 'true')}
        />
      );
    case 'number':
      return <Typed {...common} value={typeof value === 'number' ? value : undefined} placeholder={t('node.default')} onSet={(next) => onSet([], next)} />;
    case 'words':
      return <Words {...common} value={typeof value === 'string' ? value : ''} onSet={(next) => onSet([], next === '' && !required ? undefined : next)} />;
    case 'prompts': {
      const prompts = Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];
      return <Prompts {...common} value={prompts} onSet={(next) => onSet([], next.length === 0 ? undefined : next.length === 1 ? next[0] : next)} />;
    }
    case 'exits':
      return <Exits schema={schema} value={value} nodes={nodes} readOnly={readOnly} onSet={onSet} />;
    case 'keys':
      return <Keys {...common} value={value} nodes={nodes} onSet={onSet} />;
    default:
      return value === undefined ? null : (
        <div>
          <Text size="xs" fw={500}>
            {name}
          </Text>
          <Group gap="xs">
            <code className={`mono foreign ${classes.raw}`}>{JSON.stringify(value)}</code>
            <Button size="compact-xs" variant="subtle" onClick={onReveal}>
              {t('node.inText')}
            </Button>
          </Group>
        </div>
      );
  }
}

type Common = { size: 'xs'; label: string; description?: string | undefined; required: boolean; withAsterisk: boolean; disabled: boolean };

/** Another node, by its name; one that does not exist yet may be named too. Written when one has finished typing. */
function Target({ nodes, value, onSet, ...common }: Common & { nodes: string[]; value: string; onSet: (value: string | undefined) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const commit = (next: string) => {
    setTyped(null);
    if (next !== value) onSet(next === '' ? undefined : next);
  };
  return <Autocomplete {...common} data={nodes} value={typed ?? value} onChange={setTyped} onOptionSubmit={commit} onBlur={() => typed !== null && commit(typed)} />;
}

/** Written when one has finished typing. */
function Words({ value, onSet, ...common }: Common & { value: string; onSet: (value: string) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const commit = () => {
    if (typed !== null && typed !== value) onSet(typed);
    setTyped(null);
  };
  return <TextInput {...common} value={typed ?? value} onChange={(event) => setTyped(event.currentTarget.value)} onBlur={commit} onKeyDown={(event) => event.key === 'Enter' && commit()} />;
}

/** One that is taken away may be about to be replaced: its line goes only when one leaves the field empty. */
function Prompts({ value, onSet, ...common }: Common & { value: string[]; onSet: (value: string[]) => void }) {
  const emptied = useRef(false);
  const [empty, setEmpty] = useState(false);
  const mark = (now: boolean) => {
    emptied.current = now;
    setEmpty(now);
  };
  function change(next: string[]) {
    mark(next.length === 0);
    if (next.length > 0) onSet(next);
  }
  function leave() {
    if (!emptied.current) return;
    mark(false);
    onSet([]);
  }
  return <TagsInput {...common} value={empty ? [] : value} onChange={change} onBlur={leave} />;
}

function Typed({ value, onSet, ...common }: Common & { value: number | undefined; placeholder: string; onSet: (value: number | undefined) => void }) {
  return <NumberInput {...common} value={value ?? ''} onChange={(next) => onSet(typeof next === 'number' ? next : undefined)} />;
}

function Exits({ schema, value, nodes, readOnly, onSet }: Pick<FieldProps, 'schema' | 'value' | 'nodes' | 'readOnly' | 'onSet'>) {
  const { t } = useTranslation();
  const on = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  return (
    <fieldset className={classes.exits}>
      <legend>{t('node.exits')}</legend>
      {Object.entries(schema.properties ?? {}).map(([exit, below]) => (
        <Target
          key={exit}
          size="xs"
          label={exit}
          description={summary(below) || undefined}
          required={false}
          withAsterisk={false}
          disabled={readOnly}
          nodes={nodes}
          value={typeof on[exit] === 'string' ? (on[exit] as string) : ''}
          onSet={(next) => onSet([exit], next)}
        />
      ))}
    </fieldset>
  );
}

function Keys({ value, nodes, onSet, label, disabled }: Common & { value: unknown; nodes: string[]; onSet: FieldProps['onSet'] }) {
  const { t } = useTranslation();
  const keys = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const free = [...'1234567890*#'].find((key) => !(key in keys));
  return (
    <fieldset className={classes.exits}>
      <legend>{label}</legend>
      {Object.entries(keys).map(([key, target]) => (
        <Group key={key} gap="xs" align="flex-end" wrap="nowrap">
          <div style={{ flex: 1 }}>
            <Target size="xs" label={`${t('node.key')} ${key}`} required={false} withAsterisk={false} disabled={disabled} nodes={nodes} value={String(target ?? '')} onSet={(next) => next && onSet([key], next)} />
          </div>
          {disabled ? null : (
            <ActionIcon variant="subtle" color="gray" aria-label={t('node.dropKey', { key })} onClick={() => onSet([key], undefined)}>
              <Icon name="x" size={15} />
            </ActionIcon>
          )}
        </Group>
      ))}
      {disabled || free === undefined ? null : (
        <Button size="compact-xs" variant="subtle" leftSection={<Icon name="plus" size={14} />} onClick={() => onSet([free], nodes[0] ?? 'end')}>
          {t('node.addKey')}
        </Button>
      )}
    </fieldset>
  );
}

function NewNode({ text, nodes, onAdd }: { text: string; nodes: string[]; onAdd: (text: string) => void }) {
  const { t } = useTranslation();
  const [open, dialog] = useDisclosure(false);
  const [name, setName] = useState('');
  const [type, setType] = useState('play');
  const taken = nodes.includes(name);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (taken) return;
    onAdd(addNode(text, name, type));
    setName('');
    dialog.close();
  }

  return (
    <Group mt="sm">
      <Button size="xs" variant="light" leftSection={<Icon name="plus" size={15} />} onClick={dialog.open}>
        {t('node.add')}
      </Button>
      <Modal opened={open} onClose={dialog.close} title={t('node.add')} closeButtonProps={{ 'aria-label': t('do.close') }}>
        <form onSubmit={submit}>
          <Stack>
            <TextInput label={t('node.name')} description={t('node.nameHint')} pattern="[a-z][a-z0-9_\-]{0,62}" required value={name} error={taken ? t('node.taken') : undefined} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
            <Select label={t('node.type')} data={NODE_TYPES} value={type} allowDeselect={false} description={summary(nodeSchema(type))} onChange={(next) => setType(next ?? 'play')} />
            <Button type="submit">{t('node.add')}</Button>
          </Stack>
        </form>
      </Modal>
    </Group>
  );
}
