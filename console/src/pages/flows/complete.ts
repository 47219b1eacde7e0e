/** Completion in a flow's text: keys and values from the schema, targets from the flow itself. */
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import type { Text } from '@codemirror/state';
import { readGraph } from './graph';
import { FLOW, isTarget, NODE_TYPES, nodeSchema, schemaAt, summary, type Schema } from './schema';

interface Place {
  /** Keys from the root to the line. */
  path: string[];
  /** Of the node the line stands in. */
  type: string | null;
}

const KEY = /^(\s*)(?:- )?(["']?)([\w*#-]+)\2\s*:/;

/** Where a line stands, by indentation: enough for flows, and it works while the text is broken. */
export function placeOf(text: Text, line: number): Place {
  const own = /^\s*/.exec(text.line(line).text)?.[0].length ?? 0;
  const path: string[] = [];
  let depth = own;
  for (let above = line - 1; above >= 1 && depth > 0; above -= 1) {
    const found = KEY.exec(text.line(above).text);
    if (found === null || (found[1]?.length ?? 0) >= depth) continue;
    depth = found[1]?.length ?? 0;
    path.unshift(found[3] ?? '');
  }
  return { path, type: path[0] === 'nodes' && path.length >= 2 ? typeOf(text, line, path[1] ?? '') : null };
}

function typeOf(text: Text, line: number, node: string): string | null {
  let first = line;
  while (first > 1 && KEY.exec(text.line(first).text)?.[3] !== node) first -= 1;
  for (let below = first + 1; below <= text.lines; below += 1) {
    const content = text.line(below).text;
    if (/^\s{0,2}\S/.test(content)) return null;
    const type = /^\s+type:\s*([\w-]+)/.exec(content);
    if (type) return type[1] ?? null;
  }
  return null;
}

function keysOf(schema: Schema | undefined): Completion[] {
  return Object.entries(schema?.properties ?? {}).map(([label, below]) => ({
    label,
    apply: `${label}: `,
    type: schema?.required?.includes(label) ? 'keyword' : 'property',
    info: below.description ?? '',
    boost: schema?.required?.includes(label) ? 5 : 0,
  }));
}

function valuesOf(schema: Schema | undefined): Completion[] {
  const choices = [...(schema?.enum ?? []), ...(schema?.anyOf ?? []).flatMap((one) => one.enum ?? [])];
  if (schema?.type === 'boolean') choices.push(true, false);
  return choices.map((choice) => ({ label: String(choice), type: 'enum' }));
}

export function completeFlow(context: CompletionContext): CompletionResult | null {
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  const word = context.matchBefore(/[\w/-]*/);
  if (word === null || (word.from === word.to && !context.explicit)) return null;
  const { path, type } = placeOf(context.state.doc, line.number);
  const inNode = path.slice(2);
  const keyed = KEY.exec(before);
  let options: Completion[];
  if (keyed === null) {
    options = path.length === 0 ? keysOf(FLOW) : path.length === 2 && type === null ? [{ label: 'type', apply: 'type: ' }] : keysOf(schemaAt(nodeSchema(type ?? ''), inNode));
  } else {
    options = valueOptions(context.state.doc.toString(), [...inNode, keyed[3] ?? ''], path, type);
  }
  return options.length === 0 ? null : { from: word.from, options };
}

function valueOptions(text: string, inNode: string[], path: string[], type: string | null): Completion[] {
  const key = inNode.at(-1);
  if (path.length === 2 && key === 'type') {
    return NODE_TYPES.map((label) => ({ label, type: 'class', info: summary(nodeSchema(label)) }));
  }
  const schema = nodeSchema(type ?? '');
  if ((path.length === 0 && (key === 'start' || key === 'safe_exit')) || isTarget(schema, inNode)) {
    return readGraph(text).nodes.map((node) => ({ label: node.id, detail: node.type, type: 'variable' }));
  }
  return valuesOf(path.length === 0 ? FLOW.properties?.[key ?? ''] : schemaAt(schema, inNode));
}
