import dagre from '@dagrejs/dagre';
import { Background, Controls, Handle, MarkerType, Position, ReactFlow, type Edge, type Node, type NodeProps } from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { useComputedColorScheme } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../widgets/Icon';
import type { IconName } from '../../widgets/icons';
import classes from './Flows.module.css';
import type { FlowGraph as Graph } from './graph';

const WIDTH = 190;
const HEIGHT = 58;

const ICONS: Record<string, IconName> = {
  branch: 'branch', callback: 'refresh', choose_language: 'language', collect: 'digits', consent: 'shield', enqueue: 'queue',
  exit: 'arrowRight', hangup: 'phoneOff', hours: 'calendar', lookup: 'send', menu: 'keypad', play: 'volume', protocol: 'hash',
  record_message: 'mic', say: 'message', set: 'edit', set_language: 'language', subflow: 'flow', survey: 'list',
  transfer: 'transfer', voicemail: 'mic',
};

type Data = { id: string; type: string; about: string; start: boolean; trouble: 'error' | 'warning' | null; callers: number; callersWord: string; visit: number | null };
type Box = Node<Data, 'box'>;

function BoxView({ data, selected }: NodeProps<Box>) {
  return (
    <div className={classes.box} data-selected={selected || undefined} data-trouble={data.trouble ?? undefined} data-node={data.id} data-visit={data.visit ?? undefined}>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <span className={classes.boxIcon} data-start={data.start || undefined}>
        <Icon name={data.trouble ? 'alert' : (ICONS[data.type] ?? 'info')} size={17} />
      </span>
      <span className={classes.boxWords}>
        <b>{data.id}</b>
        <span>{[data.type, data.about].filter(Boolean).join(' · ')}</span>
      </span>
      {data.visit !== null ? <span className={classes.visit}>{data.visit}</span> : null}
      {data.callers > 0 ? (
        <span className={classes.callers} role="img" aria-label={data.callersWord} title={data.callersWord} data-callers={data.callers}>
          {data.callers}
        </span>
      ) : null}
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
}

const TYPES = { box: BoxView };

function layOut(graph: Graph): Map<string, { x: number; y: number }> {
  const layout = new dagre.graphlib.Graph();
  layout.setGraph({ rankdir: 'TB', nodesep: 26, ranksep: 58, marginx: 12, marginy: 12 });
  layout.setDefaultEdgeLabel(() => ({}));
  graph.nodes.forEach((node) => layout.setNode(node.id, { width: WIDTH, height: HEIGHT }));
  graph.edges.filter((edge) => !edge.missing).forEach((edge) => layout.setEdge(edge.from, edge.to));
  dagre.layout(layout);
  const places = new Map<string, { x: number; y: number }>();
  graph.nodes.forEach(({ id }) => {
    const { x, y } = layout.node(id) as { x: number; y: number };
    places.set(id, { x: x - WIDTH / 2, y: y - HEIGHT / 2 });
  });
  return places;
}

interface Props {
  graph: Graph;
  selected: string | null;
  troubles: Map<string, 'error' | 'warning'>;
  onPick: (id: string) => void;
  /** Callers per node now. */
  heat?: Map<string, number>;
  /** Nodes that a replayed call has been at, with the step. */
  visited?: Map<string, number> | null;
}

/** The flow as boxes and arrows, always of the text beside it. */
export default function FlowGraph({ graph, selected, troubles, onPick, heat, visited }: Props) {
  const { t } = useTranslation();
  const scheme = useComputedColorScheme('light');
  const shape = JSON.stringify([graph.nodes.map((node) => node.id), graph.edges.map((edge) => [edge.from, edge.to])]);
  const places = useMemo(() => layOut(graph), [shape]);
  const nodes: Box[] = graph.nodes.map((node) => ({
    id: node.id,
    type: 'box',
    position: places.get(node.id) ?? { x: 0, y: 0 },
    data: { id: node.id, type: node.type, about: node.about, start: node.id === graph.start, trouble: troubles.get(node.id) ?? null, callers: heat?.get(node.id) ?? 0, callersWord: t('heat.callers', { count: heat?.get(node.id) ?? 0 }), visit: visited?.get(node.id) ?? null },
    selected: node.id === selected,
    width: WIDTH,
    height: HEIGHT,
    ariaLabel: `${node.id}, ${node.type}`,
  }));
  const edges: Edge[] = graph.edges
    .filter((edge) => !edge.missing)
    .map((edge) => ({
      id: `${edge.from}→${edge.to}`,
      source: edge.from,
      target: edge.to,
      label: edge.labels.join(', '),
      markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16, color: 'var(--quiet)' },
      data: { hot: edge.from === selected },
      className: edge.from === selected ? classes.hot : undefined,
      ariaLabel: `${edge.from} → ${edge.to} ${edge.labels.join(', ')}`,
      focusable: false,
    }));
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={TYPES}
      colorMode={scheme}
      fitView
      fitViewOptions={{ maxZoom: 1, padding: 0.08 }}
      minZoom={0.15}
      nodesDraggable={false}
      nodesConnectable={false}
      edgesFocusable={false}
      onNodeClick={(_, node) => onPick(node.id)}
      aria-label={t('flow.graph')}
    >
      <Background gap={22} />
      <Controls showInteractive={false} />
    </ReactFlow>
  );
}
