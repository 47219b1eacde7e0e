/** Where browser phones register: the installation allows the page to reach that address and no other. */
import { useQuery } from '@tanstack/react-query';

/** The `wss:` address that the page's own Content-Security-Policy allows; null: no browser phones here. */
export function placeOf(policy: string): string | null {
  const rule = policy.split(';').find((one) => one.trim().startsWith('connect-src')) ?? '';
  const source = rule.split(/\s+/).find((word) => word.startsWith('wss://'));
  if (source === undefined) return null;
  return new URL(source).pathname === '/' ? `${source.replace(/\/$/, '')}/ws` : source;
}

export function usePhonePlace() {
  return useQuery({
    queryKey: ['phone-place'],
    queryFn: async () => placeOf((await fetch('/favicon.svg')).headers.get('Content-Security-Policy') ?? ''),
    staleTime: Infinity,
  });
}
