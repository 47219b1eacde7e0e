/** Questions to the API as hooks; their keys' first words are what the live feed makes old. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask, type Call, type Fact, type Operator, type QueueLive } from './client';

export function useOperators(enabled = true) {
  return useQuery({
    queryKey: ['operators'],
    queryFn: async () => (await ask(api.GET('/api/v1/operators'))).items,
    refetchInterval: 15_000,
    enabled,
  });
}

export function useOperator(extension: string): Operator | undefined {
  return useOperators().data?.find((operator) => operator.extension === extension);
}

async function fetchQueues(): Promise<QueueLive[]> {
  const { items } = await ask(api.GET('/api/v1/queues'));
  const one = (id: string) => ask(api.GET('/api/v1/queues/{id}/live', { params: { path: { id } } }));
  return Promise.all(items.map((queue) => one(queue.id)));
}

/** All queues with their lines; asked every second, also on a screen that nobody touches. */
export function useQueues() {
  return useQuery({
    queryKey: ['queues'],
    queryFn: fetchQueues,
    refetchInterval: 1_000,
    refetchIntervalInBackground: true,
    retry: false,
  });
}

export function useQueueNames() {
  return useQuery({
    queryKey: ['queue-names'],
    queryFn: async () => (await ask(api.GET('/api/v1/queues'))).items,
    staleTime: 60_000,
  });
}

/** What operators write down after calls, per queue. */
export function useForms(enabled = true) {
  return useQuery({
    queryKey: ['forms'],
    queryFn: async () => (await ask(api.GET('/api/v1/forms'))).items,
    staleTime: 60_000,
    enabled,
  });
}

export interface CallFilter {
  from?: string;
  operator?: string;
  queue?: string;
  final_state?: NonNullable<Call['final_state']>;
  live?: boolean;
  since?: string;
  until?: string;
  protocol?: string;
}

export function useCalls(filter: CallFilter) {
  return useInfiniteQuery({
    queryKey: ['call-list', filter],
    queryFn: ({ pageParam }) =>
      ask(api.GET('/api/v1/calls', { params: { query: { ...filter, limit: 100, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    // The newest page stays fresh; whoever scrolled down reads in peace.
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 1 ? false : 3_000),
  });
}

export function useLiveCalls() {
  return useQuery({
    queryKey: ['calls', 'live'],
    queryFn: async () =>
      (await ask(api.GET('/api/v1/calls', { params: { query: { live: true, limit: 500 } } }))).items,
    refetchInterval: 2_000,
  });
}

export function useCall(id: string) {
  return useQuery({
    queryKey: ['call', id],
    queryFn: () => ask(api.GET('/api/v1/calls/{id}', { params: { path: { id } } })),
  });
}

export function useTrace(id: string) {
  return useQuery({
    queryKey: ['trace', id],
    queryFn: async () => {
      const facts: Fact[] = [];
      let cursor: string | undefined;
      do {
        const page = await ask(
          api.GET('/api/v1/calls/{id}/trace', { params: { path: { id }, query: { limit: 500, cursor } } }),
        );
        facts.push(...(page.items as unknown as Fact[]));
        cursor = page.next ?? undefined;
      } while (cursor !== undefined && facts.length < 5_000);
      return facts;
    },
  });
}

export function useRouting(id: string, enabled: boolean) {
  return useQuery({
    queryKey: ['call', id, 'routing'],
    queryFn: () => ask(api.GET('/api/v1/calls/{id}/routing', { params: { path: { id } } })),
    enabled,
  });
}

export type WantedState = 'available' | 'paused' | 'signed_out';

/** Set an operator's state or punch the clock; the answer goes straight onto the page. */
export function useOperatorActs(extension: string) {
  const client = useQueryClient();
  const path = { extension };
  const show = (changed: Operator) =>
    client.setQueryData<Operator[]>(['operators'], (known) =>
      known?.map((operator) => (operator.extension === changed.extension ? changed : operator)),
    );
  const state = useMutation({
    mutationFn: (wanted: { state: WantedState; reason?: string }) =>
      ask(api.PUT('/api/v1/operators/{extension}/state', { params: { path }, body: wanted })),
    onSuccess: show,
  });
  const clock = useMutation({
    mutationFn: (direction: 'in' | 'out') =>
      ask(api.POST('/api/v1/operators/{extension}/clock', { params: { path }, body: { direction } })),
    onSuccess: show,
  });
  const wrapUp = useMutation({
    mutationFn: (more_s: number) =>
      ask(api.POST('/api/v1/operators/{extension}/wrap-up', { params: { path }, body: { more_s } })),
    onSuccess: show,
  });
  return { state, clock, wrapUp };
}
