/** What the checker finds in a text. */
import { useQuery } from '@tanstack/react-query';
import { api, ask } from '../../api/client';

export interface Problem {
  severity: 'error' | 'warning';
  file: string;
  line: number;
  column: number;
  node: string | null;
  code: string;
  message: string;
  hint: string;
}

export interface Checked {
  ok: boolean;
  problems: Problem[];
}

/** Ask the checker; the answer to the text before stays until the new one comes. */
export function useCheck(name: string, text: string | null) {
  return useQuery({
    queryKey: ['check', name, text],
    queryFn: async () => (await ask(api.POST('/api/v1/flows/check', { body: { name, source: text ?? '' } }))) as unknown as Checked,
    enabled: text !== null,
    staleTime: Infinity,
    gcTime: 10_000,
    placeholderData: (before) => before,
  });
}
