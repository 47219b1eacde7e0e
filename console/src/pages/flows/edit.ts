/** Changes to a flow's text that touch nothing but what is changed: comments, order and spacing stay as they are. */
import { isMap, isPair, isScalar, parseDocument, type Node, type Pair, type YAMLMap } from 'yaml';

export type Value = string | number | boolean | string[] | { [key: string]: Value };

const PLAIN = /^[A-Za-z][\w./-]*$/;
const SPECIAL = /^(true|false|null|yes|no|on|off|y|n)$/i;

function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  return PLAIN.test(value) && !SPECIAL.test(value) ? value : JSON.stringify(value);
}

/** A value on one line, as YAML. */
export function inline(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(scalar).join(', ')}]`;
  if (typeof value !== 'object') return scalar(value);
  return `{${Object.entries(value).map(([key, one]) => `${scalar(key)}: ${inline(one)}`).join(', ')}}`;
}

function read(text: string): YAMLMap | null {
  const root = parseDocument(text, { strict: false, logLevel: 'silent' }).contents;
  return isMap(root) ? root : null;
}

function pairOf(map: YAMLMap, key: string): Pair<Node, Node | null> | undefined {
  return map.items.find((pair): pair is Pair<Node, Node | null> => isPair(pair) && isScalar(pair.key) && String(pair.key.value) === key);
}

function mapAt(text: string, path: string[]): YAMLMap | null {
  let at: YAMLMap | null = read(text);
  for (const step of path) {
    const value: unknown = at === null ? null : pairOf(at, step)?.value;
    at = isMap(value) ? value : null;
  }
  return at;
}

const startOf = (node: Node | null | undefined) => node?.range?.[0] ?? 0;
const endOf = (node: Node | null | undefined) => node?.range?.[1] ?? 0;

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

/** What a node of the flow holds, as plain values. */
export function nodeValues(text: string, id: string): Record<string, unknown> {
  const node = mapAt(text, ['nodes', id]);
  return node === null ? {} : (node.toJSON() as Record<string, unknown>);
}

/** The text with one value of a node set, or taken out where `value` is undefined. */
export function setValue(text: string, id: string, path: string[], value: Value | undefined): string {
  const parents = ['nodes', id, ...path.slice(0, -1)];
  const key = path.at(-1) ?? '';
  const map = mapAt(text, parents);
  if (map === null) {
    if (value === undefined || path.length < 2) return text;
    return setValue(text, id, path.slice(0, -1), { [key]: value });
  }
  const pair = pairOf(map, key);
  if (value === undefined) return pair === undefined ? text : without(text, id, path, map, pair);
  if (pair === undefined) return withNew(text, map, key, value);
  if (!pair.value || startOf(pair.value) === endOf(pair.value)) {
    const colon = text.indexOf(':', endOf(pair.key)) + 1;
    return `${text.slice(0, colon)} ${inline(value)}${text.slice(colon)}`;
  }
  const block = isMap(pair.value) && !pair.value.flow;
  const from = block ? text.indexOf(':', endOf(pair.key)) + 1 : startOf(pair.value);
  return text.slice(0, from) + (block ? ' ' : '') + inline(value) + text.slice(endOf(pair.value)).replace(/^(?=[^\s,}\]])/, '\n');
}

function withNew(text: string, map: YAMLMap, key: string, value: Value): string {
  const words = `${scalar(key)}: ${inline(value)}`;
  const last = map.items.at(-1);
  if (map.flow) {
    const close = text.lastIndexOf('}', endOf(map) - 1);
    return `${text.slice(0, close)}${last ? ', ' : ''}${words}${text.slice(close)}`;
  }
  const first = map.items[0]?.key as Node | undefined;
  const indent = startOf(first) - lineStart(text, startOf(first));
  const end = lineEnd(text, Math.max(endOf(last?.value as Node | null), endOf(last?.key as Node)) - 1);
  return `${text.slice(0, end)}\n${' '.repeat(indent)}${words}${text.slice(end)}`;
}

function without(text: string, id: string, path: string[], map: YAMLMap, pair: Pair<Node, Node | null>): string {
  if (map.items.length === 1 && path.length > 1) return setValue(text, id, path.slice(0, -1), undefined);
  if (map.flow) {
    const rest = map.items.filter((one) => one !== pair);
    const kept = rest.map((one) => text.slice(startOf(one.key as Node), endOf((one.value ?? one.key) as Node)));
    return `${text.slice(0, startOf(map))}{${kept.join(', ')}}${text.slice(endOf(map))}`;
  }
  return cut(text, pair);
}

/** Without a pair of a block map: its lines. */
function cut(text: string, pair: Pair<Node, Node | null>): string {
  const end = lineEnd(text, Math.max(endOf(pair.value), endOf(pair.key)) - 1);
  return text.slice(0, lineStart(text, startOf(pair.key))) + text.slice(Math.min(end + 1, text.length));
}

/** The text with a new node at its end. */
export function addNode(text: string, id: string, type: string): string {
  const nodes = mapAt(text, ['nodes']);
  const last = nodes?.items.at(-1);
  if (!nodes || nodes.flow || last === undefined) return `${text.trimEnd()}\nnodes:\n  ${id}:\n    type: ${type}\n`;
  const first = nodes.items[0]?.key as Node;
  const indent = ' '.repeat(startOf(first) - lineStart(text, startOf(first)));
  const end = lineEnd(text, Math.max(endOf(last.value as Node | null), endOf(last.key as Node)) - 1);
  return `${text.slice(0, end)}\n\n${indent}${id}:\n${indent}  type: ${type}${text.slice(end)}`;
}

/** The text without a node; who leads to it is told by the checker. */
export function removeNode(text: string, id: string): string {
  const nodes = mapAt(text, ['nodes']);
  const pair = nodes === null ? undefined : pairOf(nodes, id);
  return pair === undefined ? text : cut(text, pair);
}
