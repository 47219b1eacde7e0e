/** The talk one is in, and what can be done in it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask, Refused, type Schemas } from './client';

export type Talk = Schemas['TalkOut'];
export type Target = Schemas['TargetIn'];
export type Entry = Schemas['EntryOut'];

export function useTalk(call: string, enabled: boolean) {
  return useQuery({
    queryKey: ['desk', 'talk', call],
    queryFn: () =>
      ask(api.GET('/api/v1/calls/{id}/talk', { params: { path: { id: call } } })).catch((error: unknown) => {
        if (error instanceof Refused && error.status === 404) return null;
        throw error;
      }),
    enabled,
    refetchInterval: 2_000,
  });
}

const ACTS = ['hold', 'resume', 'mute', 'unmute', 'toggle', 'complete', 'cancel', 'park', 'take-back', 'conference'] as const;
export type Act = (typeof ACTS)[number];

/** Each answer is the talk as it is then. */
export function useTalkActs(call: string, failed: (error: unknown) => void) {
  const client = useQueryClient();
  const path = { id: call };
  const onSuccess = (talk: Talk) => client.setQueryData(['desk', 'talk', call], talk);
  const act = useMutation({
    mutationFn: (wanted: Act) => ask(api.POST(`/api/v1/calls/{id}/${wanted}`, { params: { path } })),
    onSuccess,
    onError: failed,
  });
  const go = useMutation({
    mutationFn: ({ how, target }: { how: 'transfer' | 'consult' | 'conference'; target: Target }) =>
      ask(api.POST(`/api/v1/calls/{id}/${how}`, { params: { path }, body: { target } })),
    onSuccess,
    onError: failed,
  });
  return { act, go };
}

export function useDirectory(enabled: boolean) {
  return useQuery({
    queryKey: ['directory'],
    queryFn: async () => (await ask(api.GET('/api/v1/directory'))).items,
    refetchInterval: 3_000,
    enabled,
  });
}

export function useParked() {
  return useQuery({
    queryKey: ['parked'],
    queryFn: async () => (await ask(api.GET('/api/v1/parked'))).items,
    refetchInterval: 3_000,
  });
}
