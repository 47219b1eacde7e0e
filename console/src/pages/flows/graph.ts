/** A flow's text as a graph: nodes with their lines, edges named after the exit. Never throws on what is being typed. */
import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, type Node, type YAMLMap } from 'yaml';
import { isTarget, nodeSchema } from './schema';

export interface FlowNode {
  id: string;
  type: string;
  /** First line of the node in the text, from 1. */
  line: number;
  /** What it says of itself: a prompt, a queue, a kind. */
  about: string;
}

export interface FlowEdge {
  from: string;
  to: string;
  labels: string[];
  missing: boolean;
}

export interface FlowGraph {
  start: string | null;
  nodes: FlowNode[];
  edges: FlowEdge[];
}

const ABOUT = ['prompt', 'queue', 'calendar', 'flow', 'kind', 'into', 'to', 'number', 'language', 'url', 'note'];

export function readGraph(text: string): FlowGraph {
  const lines = new LineCounter();
  const tree = parseDocument(text, { lineCounter: lines, strict: false, logLevel: 'silent' });
  const root = tree.contents;
  const nodes = isMap(root) ? root.get('nodes', true) : undefined;
  const graph: FlowGraph = { start: isMap(root) ? textOf(root.get('start', true)) : null, nodes: [], edges: [] };
  if (!isMap(nodes)) return graph;
  for (const pair of nodes.items) {
    const key = pair.key as Node | null;
    const id = textOf(key);
    if (id === null) continue;
    const line = key?.range ? lines.linePos(key.range[0]).line : 1;
    const body = isMap(pair.value) ? pair.value : undefined;
    graph.nodes.push({ id, line, type: textOf(body?.get('type', true)) ?? '?', about: aboutOf(body) });
  }
  const known = new Set(graph.nodes.map((node) => node.id));
  nodes.items.forEach((pair) => {
    const id = textOf(pair.key);
    if (id !== null && isMap(pair.value)) graph.edges.push(...edgesOf(id, pair.value, known));
  });
  return graph;
}

function textOf(node: unknown): string | null {
  if (!isScalar(node) || node.value === null || node.value === undefined) return null;
  return String(node.value);
}

function aboutOf(body: YAMLMap | undefined): string {
  for (const name of ABOUT) {
    const value = body?.get(name, true);
    const said = isSeq(value) ? value.items.map(textOf).join(', ') : textOf(value);
    if (said) return said;
  }
  return '';
}

function edgesOf(from: string, body: YAMLMap, known: Set<string>): FlowEdge[] {
  const schema = nodeSchema(textOf(body.get('type', true)) ?? '');
  const edges = new Map<string, FlowEdge>();
  const walk = (value: unknown, path: string[]) => {
    if (isMap(value)) {
      value.items.forEach((pair) => walk(pair.value, [...path, textOf(pair.key) ?? '?']));
    } else if (isSeq(value)) {
      value.items.forEach((item, place) => walk(isPair(item) ? item.value : item, [...path, String(place + 1)]));
    } else {
      const to = textOf(value);
      if (to === null || !isTarget(schema, path)) return;
      const label = labelOf(path);
      const edge = edges.get(to) ?? { from, to, labels: [], missing: !known.has(to) };
      if (label) edge.labels.push(label);
      edges.set(to, edge);
    }
  };
  walk(body, []);
  return [...edges.values()];
}

/** `keys.1` is 1, `on.timeout` is timeout, `cases.2.to` is case 2; `next` needs no word. */
function labelOf(path: string[]): string {
  if (path[0] === 'next') return '';
  const words = path.filter((step) => !['keys', 'on', 'cases', 'to', 'choices'].includes(step));
  return words.join(' ');
}
