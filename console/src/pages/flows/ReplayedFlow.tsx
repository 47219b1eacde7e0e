import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCall } from '../../api/queries';
import { Failure, Loading, Page } from '../../widgets/Page';
import { RowLink } from '../../widgets/RowLink';
import { fetchSource } from './FlowPage';
import classes from './Flows.module.css';
import { readGraph } from './graph';
import { Replay } from './Replay';

const FlowGraph = lazy(() => import('./FlowGraph'));
const NOBODY: Map<string, 'error' | 'warning'> = new Map();

/** A call's way over the graph of the version that it was served by. */
export function ReplayedFlow({ id, call, live }: { id: string; call: string; live: string }) {
  const { t } = useTranslation();
  const known = useCall(call);
  const version = known.data?.flow === id ? known.data.flow_version : null;
  const source = useQuery({
    queryKey: ['flow', id, version],
    // A version that is kept no more is shown as the live one.
    queryFn: () => fetchSource(id, version ?? undefined).then((found) => found.source, () => live),
    enabled: known.isSuccess,
    staleTime: Infinity,
  });
  const [way, setWay] = useState<{ visited: Map<string, number>; node: string | null }>({ visited: new Map(), node: null });
  const onStep = useCallback((visited: Map<string, number>, node: string | null) => setWay({ visited, node }), []);
  const graph = useMemo(() => readGraph(source.data ?? ''), [source.data]);
  if (known.isLoadingError) return <Failure error={known.error} />;
  if (source.data === undefined) return <Loading />;
  return (
    <Page title={id} actions={<RowLink href={`/calls/${encodeURIComponent(call)}`}>{t('replay.title', { call: known.data?.from || call.slice(0, 8) })}</RowLink>}>
      <Replay call={call} flow={id} onStep={onStep} />
      <div className={classes.shop} data-view="graph">
        <section className={`card ${classes.pane}`} aria-label={t('flow.graph')}>
          <Suspense fallback={<Loading />}>
            <FlowGraph graph={graph} selected={way.node} troubles={NOBODY} onPick={() => undefined} visited={way.visited} />
          </Suspense>
        </section>
      </div>
    </Page>
  );
}
