/** The published schema of the flow language: what a node may hold, and which of its values name other nodes. */
import document from '../../../../callflows/schema/flow.schema.json';

export interface Schema {
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  required?: string[];
  'x-ramal'?: string;
  $defs?: Record<string, Schema>;
}

export const FLOW = document as unknown as Schema;
export const NODE_TYPES = Object.keys(FLOW.$defs ?? {});

export function nodeSchema(type: string): Schema | undefined {
  return FLOW.$defs?.[type];
}

/** The first sentence of a description. */
export function summary(schema: Schema | undefined): string {
  return schema?.description?.split('\n\n')[0]?.replaceAll('\n', ' ') ?? '';
}

/** What may stand at a path below a schema; undefined: nothing is said about it. */
export function schemaAt(schema: Schema | undefined, path: string[]): Schema | undefined {
  let at = schema;
  for (const step of path) {
    at = at === undefined ? undefined : below(at, step);
  }
  return at;
}

function below(schema: Schema, step: string): Schema | undefined {
  const named = schema.properties?.[step];
  if (named !== undefined) return named;
  if (schema.items !== undefined) return schema.items;
  if (typeof schema.additionalProperties === 'object') return schema.additionalProperties;
  for (const choice of schema.anyOf ?? []) {
    const found = below(choice, step);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a value at this path of a node names another node. */
export function isTarget(schema: Schema | undefined, path: string[]): boolean {
  if (path[0] === 'next' || (path[0] === 'on' && path.length === 2)) return true;
  const found = schemaAt(schema, path);
  return found?.['x-ramal'] === 'target' || (found?.anyOf ?? []).some((choice) => choice['x-ramal'] === 'target');
}
