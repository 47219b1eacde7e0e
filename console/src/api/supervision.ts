/** Listening in: whose phone listens to whom, and how. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask, type Schemas } from './client';

export type Watch = Schemas['WatchOut'];
export type Mode = Watch['mode'];
export type WatchIn = Schemas['WatchIn'];
export const MODES: Mode[] = ['listen', 'whisper', 'barge', 'take_over'];

export function useWatches(enabled: boolean) {
  return useQuery({
    queryKey: ['watches'],
    queryFn: async () => (await ask(api.GET('/api/v1/supervision'))).items,
    refetchInterval: 2_000,
    enabled,
  });
}

export function useWatchActs(failed: (error: unknown) => void) {
  const client = useQueryClient();
  const after = { onError: failed, onSettled: () => client.invalidateQueries({ queryKey: ['watches'] }) };
  const begin = useMutation({ mutationFn: (body: WatchIn) => ask(api.POST('/api/v1/supervision', { body })), ...after });
  const change = useMutation({
    mutationFn: ({ id, mode }: { id: string; mode: Mode }) => ask(api.PATCH('/api/v1/supervision/{id}', { params: { path: { id } }, body: { mode } })),
    ...after,
  });
  const end = useMutation({ mutationFn: (id: string) => ask(api.DELETE('/api/v1/supervision/{id}', { params: { path: { id } } })), ...after });
  return { begin, change, end };
}
