import { Button, SegmentedControl } from '@mantine/core';
import { useDebouncedValue, useLocalStorage } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams, useSearch } from 'wouter';
import { api, ask, type Schemas } from '../../api/client';
import { useMe } from '../../api/session';
import { Icon } from '../../widgets/Icon';
import { Failure, Loading, Page } from '../../widgets/Page';
import { Tag } from '../../widgets/StatePill';
import { useFlows } from './Flows';
import classes from './Flows.module.css';
import { readGraph } from './graph';
import { useHeat } from './heat';
import { useCheck, type Problem } from './problems';
import { Publish } from './Publish';
import { Rehearse } from './Rehearse';
import { ReplayedFlow } from './ReplayedFlow';
import { Scenarios } from './Scenarios';
import { Versions } from './Versions';
import type { EditorHandle } from './YamlEditor';

const YamlEditor = lazy(() => import('./YamlEditor'));
const FlowGraph = lazy(() => import('./FlowGraph'));
const NodeForm = lazy(() => import('./NodeForm'));

export type Source = Schemas['SourceOut'];

export function fetchSource(id: string, version?: string): Promise<Source> {
  return ask(api.GET('/api/v1/flows/{id}/source', { params: { path: { id }, query: { version } } }));
}

const VIEWS = ['both', 'form', 'graph', 'text', 'diff'] as const;
type View = (typeof VIEWS)[number];

/** What one has typed and not published, with the text it began from; kept through a reload. */
interface Draft {
  base: string;
  text: string;
}

export default function FlowPage() {
  const { id = '' } = useParams<{ id: string }>();
  const replayed = new URLSearchParams(useSearch()).get('call');
  const live = useQuery({ queryKey: ['flow', id, 'live'], queryFn: () => fetchSource(id), staleTime: Infinity });
  if (live.isPending) return <Loading />;
  if (live.isLoadingError) return <Failure error={live.error} retry={() => void live.refetch()} />;
  if (replayed !== null) return <ReplayedFlow key={replayed} id={id} call={replayed} live={live.data.source} />;
  return <Workshop key={id} id={id} live={live.data.source} />;
}

function Workshop({ id, live }: { id: string; live: string }) {
  const { t } = useTranslation();
  const { role } = useMe();
  const client = useQueryClient();
  const [draft, setDraft, dropDraft] = useLocalStorage<Draft | null>({ key: `ramal.draft.${id}`, defaultValue: null });
  const [view, setView] = useState<View>('both');
  const [shown, setShown] = useState<string | null>(null);
  const [node, setNode] = useState<string | null>(null);
  const editor = useRef<EditorHandle | null>(null);
  const admin = role === 'admin';
  const text = shown ?? draft?.text ?? live;
  const [settled] = useDebouncedValue(text, 700);
  const changed = draft !== null && draft.text !== live;
  const graph = useMemo(() => readGraph(text), [text]);
  const check = useCheck(id, settled);
  const problems = useMemo(() => check.data?.problems ?? [], [check.data]);
  const flow = useFlows().data?.find((one) => one.id === id);
  const heat = useHeat(id);
  const callers = [...heat.values()].reduce((sum, count) => sum + count, 0);
  const current = settled === text && !check.isFetching;

  function type(next: string) {
    if (shown !== null || !admin) return;
    setDraft(next === live ? null : { base: draft?.base ?? live, text: next });
  }

  function pick(picked: string) {
    setNode(picked);
    const found = graph.nodes.find((one) => one.id === picked);
    if (found) editor.current?.reveal(found.line);
  }

  function toText(picked: string) {
    setView('both');
    const found = graph.nodes.find((one) => one.id === picked);
    if (found) setTimeout(() => editor.current?.reveal(found.line), 400);
  }

  function follow(line: number) {
    const inside = graph.nodes.filter((one) => one.line <= line).at(-1);
    setNode(inside?.id ?? null);
  }

  async function published() {
    dropDraft();
    setShown(null);
    await Promise.all(['flow', 'flows', 'versions'].map((key) => client.invalidateQueries({ queryKey: [key] })));
  }

  const troubles = useMemo(() => troublesOf(problems, graph.nodes), [problems, graph.nodes]);
  return (
    <Page
      title={id}
      actions={
        <>
          <Button component={Link} href="/flows" variant="default" size="sm" leftSection={<Icon name="arrowLeft" size={15} />}>
            {t('flow.all')}
          </Button>
          {changed && shown === null && admin ? (
            <Button variant="subtle" size="sm" onClick={() => dropDraft()}>
              {t('flow.dropDraft')}
            </Button>
          ) : null}
          <Versions id={id} shown={shown} admin={admin} onShow={setShown} onRolledBack={published} />
          {admin && shown === null ? (
            <>
            <Scenarios id={id} text={text} ready={current && check.data?.ok === true} />
            <Rehearse id={id} text={text} ready={current && check.data?.ok === true} onNode={pick} />
            <Publish id={id} base={draft?.base ?? live} text={text} ready={changed && current && check.data?.ok === true} onDone={published} />
            </>
          ) : null}
        </>
      }
    >
      <div className={classes.bar}>
        <SegmentedControl
            withItemsBorders={false}
          size="xs"
          value={view}
          onChange={(value) => setView(value as typeof view)}
          data={VIEWS.map((value) => ({ value, label: t(`flow.view.${value}`) }))}
        />
        {callers > 0 ? <Tag tone="ring">{t('heat.total', { count: callers })}</Tag> : null}
        <Verdict problems={problems} current={current} changed={changed} old={shown !== null} refused={flow?.problems.length ?? 0} />
      </div>
      <div className={classes.shop} data-view={view}>
        {view === 'both' || view === 'graph' || view === 'form' ? (
          <section className={`card ${classes.pane}`} aria-label={t('flow.graph')}>
            <Suspense fallback={<Loading />}>
              <FlowGraph graph={graph} selected={node} troubles={troubles} onPick={pick} heat={heat} />
            </Suspense>
          </section>
        ) : null}
        {view === 'form' ? (
          <section className={`card ${classes.pane}`} aria-label={t('node.form')}>
            <Suspense fallback={<Loading />}>
              <NodeForm text={text} node={node} nodes={graph.nodes.map((one) => one.id)} readOnly={!admin || shown !== null} onChange={type} onReveal={toText} />
            </Suspense>
          </section>
        ) : null}
        {view === 'graph' || view === 'form' ? null : (
          <section className={`card ${classes.pane}`} aria-label={t('flow.text')}>
            <Suspense fallback={<Loading />}>
              <YamlEditor
                ref={editor}
                text={text}
                against={view === 'diff' ? (shown === null ? (draft?.base ?? live) : live) : null}
                readOnly={!admin || shown !== null}
                label={t('flow.text')}
                problems={problems}
                onChange={type}
                onLine={follow}
              />
            </Suspense>
          </section>
        )}
      </div>
      <Problems problems={problems} onPick={(problem) => editor.current?.reveal(problem.line)} />
    </Page>
  );
}

function troublesOf(problems: Problem[], nodes: { id: string; line: number }[]): Map<string, 'error' | 'warning'> {
  const found = new Map<string, 'error' | 'warning'>();
  for (const problem of problems) {
    const at = problem.node ?? nodes.filter((one) => one.line <= problem.line).at(-1)?.id;
    if (at && found.get(at) !== 'error') found.set(at, problem.severity);
  }
  return found;
}

function Verdict({ problems, current, changed, old, refused }: {
  problems: Problem[];
  current: boolean;
  changed: boolean;
  old: boolean;
  refused: number;
}) {
  const { t } = useTranslation();
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  return (
    <span role="status" aria-live="polite" className={classes.verdict} data-ok={current ? errors === 0 : undefined}>
      {refused > 0 ? <Tag tone="bad">{t('flow.refused', { count: refused })}</Tag> : null}
      {old ? <Tag tone="rest">{t('flow.old')}</Tag> : changed ? <Tag tone="ring">{t('flow.draft')}</Tag> : <Tag tone="good">{t('flow.live')}</Tag>}
      {current ? (
        <Tag tone={errors > 0 ? 'bad' : 'good'}>
          <Icon name={errors > 0 ? 'alert' : 'check'} size={14} /> {errors > 0 ? t('flow.errors', { count: errors }) : t('flow.sound')}
        </Tag>
      ) : (
        <Tag tone="rest">{t('flow.checking')}</Tag>
      )}
    </span>
  );
}

function Problems({ problems, onPick }: { problems: Problem[]; onPick: (problem: Problem) => void }) {
  const { t } = useTranslation();
  if (problems.length === 0) return null;
  return (
    <section className="card" aria-label={t('flow.problems')}>
      <ul className={classes.problems}>
        {problems.map((problem, place) => (
          <li key={place} data-severity={problem.severity}>
            <button type="button" onClick={() => onPick(problem)}>
              <span className="mono">
                {problem.file}:{problem.line}
              </span>
              {problem.node ? <b className="foreign">{problem.node}</b> : null}
              <span className="foreign">{problem.message}</span>
              {problem.hint ? <span className="quiet foreign">{problem.hint}</span> : null}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
