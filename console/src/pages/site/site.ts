/** The site's queues, skills, calendars, numbers and pauses: their schema, and how they are asked for and changed. */
import { useQuery } from '@tanstack/react-query';
import document from '../../../../callflows/schema/site.schema.json';
import { api, ask, type Schemas } from '../../api/client';
import type { Schema } from '../flows/schema';

export type Kind = 'queues' | 'skills' | 'calendars' | 'numbers' | 'pauses';
export const KINDS: Kind[] = ['queues', 'skills', 'calendars', 'numbers', 'pauses'];
export type Entry = Schemas['SiteEntryOut'];
export type Value = Record<string, unknown>;

export type Field = Schema & { default?: unknown; minimum?: number; maximum?: number; maxLength?: number };

const SITE = document as unknown as Schema;
const SKILL: Schema = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } };

/** What an entry of a kind may hold. */
export function schemaOf(kind: Kind): Schema {
  const found = SITE.properties?.[kind]?.additionalProperties;
  return kind === 'skills' || typeof found !== 'object' ? SKILL : found;
}

// The five paths answer alike; the types are those of the first.
const listPath = (kind: Kind) => `/api/v1/site/${kind}` as '/api/v1/site/queues';
const onePath = (kind: Kind) => `/api/v1/site/${kind}/{name}` as '/api/v1/site/queues/{name}';

export function useEntries(kind: Kind) {
  return useQuery({ queryKey: ['site', kind], queryFn: async () => (await ask(api.GET(listPath(kind)))).items, refetchInterval: 10_000 });
}

export function useSite() {
  return useQuery({ queryKey: ['site'], queryFn: () => ask(api.GET('/api/v1/site')), refetchInterval: 10_000 });
}

export function fetchEntry(kind: Kind, name: string): Promise<Entry> {
  return ask(api.GET(onePath(kind), { params: { path: { name } } }));
}

export function putEntry(kind: Kind, name: string, value: Value, base: string | null): Promise<Entry> {
  // The document says no more of `value` than that it is an object.
  return ask(api.PUT(onePath(kind), { params: { path: { name } }, body: { value: value as Record<string, never>, base } }));
}

export function deleteEntry(kind: Kind, name: string, base: string): Promise<unknown> {
  return ask(api.DELETE(onePath(kind), { params: { path: { name }, query: { base } } }));
}

/** Equal as JSON, whatever the order of keys. */
export function same(one: unknown, other: unknown): boolean {
  return text(one) === text(other);
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, below: unknown) =>
    below !== null && typeof below === 'object' && !Array.isArray(below) ? Object.fromEntries(Object.entries(below).sort()) : below,
  ) ?? '';
}

/** Their entry with what I changed since `start` put over it: neither loses anything. */
export function merged(start: Value, mine: Value, theirs: Value): Value {
  const found = { ...theirs };
  for (const key of new Set([...Object.keys(start), ...Object.keys(mine)])) {
    if (same(start[key], mine[key])) continue;
    if (mine[key] === undefined) delete found[key];
    else found[key] = mine[key];
  }
  return found;
}
