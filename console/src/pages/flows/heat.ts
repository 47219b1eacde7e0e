/** How many callers are at which node now: from the calls going on, then from each fact of the live feed. */
import { useQueries } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { api, ask, type Fact } from '../../api/client';
import { useFacts } from '../../api/live';
import { useLiveCalls } from '../../api/queries';

/** So many traces are read to begin with; callers beyond show at their next step. */
const READ_AT_FIRST = 40;

function lastNode(facts: Fact[], flow: string): string | null {
  const last = facts.filter((fact) => fact.fact === 'NodeEntered').at(-1);
  return last !== undefined && last.flow === flow ? String(last.node) : null;
}

/** Callers per node of a flow. */
export function useHeat(flow: string): Map<string, number> {
  const live = useLiveCalls().data;
  const inFlow = useMemo(() => (live ?? []).filter((call) => call.phase === 'flow' || call.phase === 'waiting'), [live]);
  const [moved, setMoved] = useState<Map<string, string | null>>(new Map());
  const hear = useCallback(
    (fact: Fact) => {
      if (fact.fact !== 'NodeEntered' || fact.call_id === null) return;
      const at = fact.flow === flow ? String(fact.node) : null;
      const call = fact.call_id;
      setMoved((known) => new Map(known).set(call, at));
    },
    [flow],
  );
  useFacts(hear);
  const wanted = inFlow.filter((call) => call.flow === flow && !moved.has(call.id)).slice(0, READ_AT_FIRST);
  const traces = useQueries({
    queries: wanted.map((call) => ({
      queryKey: ['node-of', call.id],
      queryFn: async () => {
        const page = await ask(api.GET('/api/v1/calls/{id}/trace', { params: { path: { id: call.id }, query: { limit: 500 } } }));
        return { call: call.id, node: lastNode(page.items as unknown as Fact[], flow) };
      },
      staleTime: 10_000,
    })),
  });
  const first = JSON.stringify(traces.map((trace) => trace.data ?? null));
  return useMemo(() => {
    const begun = new Map((JSON.parse(first) as ({ call: string; node: string | null } | null)[]).flatMap((one) => (one ? [[one.call, one.node] as const] : [])));
    const counts = new Map<string, number>();
    for (const call of inFlow) {
      const at = moved.get(call.id) ?? begun.get(call.id) ?? null;
      if (at !== null) counts.set(at, (counts.get(at) ?? 0) + 1);
    }
    return counts;
  }, [inFlow, moved, first]);
}
