/** One desk per browser: the tab that has the lock works, the others say so and can take over. */
import { useCallback, useEffect, useState } from 'react';

const NAME = 'ramal.desk';

type Hold = 'asking' | 'held' | 'elsewhere';

/** Hold the lock until told to let go; when it is taken by another tab, wait in line for it. */
async function hold(steal: boolean, signal: AbortSignal, tell: (state: Hold) => void): Promise<void> {
  const keep = () => {
    tell('held');
    return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  };
  if (!steal) {
    const free = await navigator.locks.request(NAME, { ifAvailable: true }, (lock) => (lock ? keep().then(() => true) : false));
    if (free) return;
    tell('elsewhere');
  }
  await navigator.locks.request(NAME, steal ? { steal: true } : { signal }, keep);
}

/** Browsers give locks to secure pages only; without them every tab counts as the one. */
export function useOneTab(): { hold: Hold; takeOver: () => void } {
  const [state, setState] = useState<Hold>('locks' in navigator ? 'asking' : 'held');
  const [steals, setSteals] = useState(0);

  useEffect(() => {
    if (!('locks' in navigator)) return undefined;
    const end = new AbortController();
    const tell = (next: Hold) => {
      if (!end.signal.aborted) setState(next);
    };
    hold(steals > 0, end.signal, tell).catch(() => tell('elsewhere'));
    return () => end.abort();
  }, [steals]);

  const takeOver = useCallback(() => setSteals((times) => times + 1), []);
  return { hold: state, takeOver };
}
