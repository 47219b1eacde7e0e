/** Who is signed in. A session that runs out mid-work is asked for again above the page, which stays as it is. */
import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { createContext, use, useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { api, ask, Refused, useCsrf as setCsrf, whenExpired, type Role, type Session } from './client';

interface SessionState {
  session: Session | null;
  loading: boolean;
  /** Somebody was signed in on this page and no longer is. */
  expired: boolean;
  unreachable: boolean;
  signIn: (username: string, password: string, code: string | undefined) => Promise<void>;
  signOut: () => Promise<void>;
  /** Ask whether the session still holds; one that ended is asked for again. */
  recheck: () => void;
}

const Context = createContext<SessionState | null>(null);

/** Whether somebody signed in on this browser: without it the server need not be asked. It gives no rights. */
const SIGNED_IN = 'ramal.signed-in';

async function fetchSession(): Promise<Session | null> {
  if (localStorage.getItem(SIGNED_IN) === null) return null;
  try {
    return await ask(api.GET('/api/v1/session'));
  } catch (error) {
    if (error instanceof Refused && error.status === 401) {
      localStorage.removeItem(SIGNED_IN);
      return null;
    }
    throw error;
  }
}

/** All that the server said to somebody else. */
function forgetAnswers(client: QueryClient): void {
  client.removeQueries({ predicate: (known) => known.queryKey[0] !== 'session' });
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const query = useQuery({ queryKey: ['session'], queryFn: fetchSession, staleTime: Infinity, retry: 2 });
  const [expired, setExpired] = useState(false);
  const session = query.data ?? null;
  setCsrf(session?.csrf ?? null);

  useEffect(() => whenExpired(() => setExpired(true)), []);

  const signIn = useCallback(
    async (username: string, password: string, code: string | undefined) => {
      const before = client.getQueryData<Session | null>(['session']);
      const opened = await ask(api.POST('/api/v1/session', { body: { username, password, code } }));
      setCsrf(opened.csrf ?? null);
      localStorage.setItem(SIGNED_IN, '1');
      client.setQueryData(['session'], opened);
      if (before && before.username !== opened.username) forgetAnswers(client);
      setExpired(false);
      await client.invalidateQueries({ predicate: (known) => known.queryKey[0] !== 'session' });
    },
    [client],
  );

  const signOut = useCallback(async () => {
    await ask(api.DELETE('/api/v1/session')).catch((error: unknown) => {
      if (!(error instanceof Refused && error.status === 401)) throw error;
    });
    setCsrf(null);
    localStorage.removeItem(SIGNED_IN);
    setExpired(false);
    // Not `client.clear()`: whoever watches the session would never hear that it is gone.
    client.setQueryData(['session'], null);
    forgetAnswers(client);
  }, [client]);

  const recheck = useCallback(() => {
    ask(api.GET('/api/v1/session')).catch((error: unknown) => {
      if (error instanceof Refused && error.status === 401) setExpired(true);
    });
  }, []);

  const value = useMemo(
    () => ({
      session,
      loading: query.isPending,
      expired: expired && session !== null,
      unreachable: query.isError,
      signIn,
      signOut,
      recheck,
    }),
    [session, query.isPending, query.isError, expired, signIn, signOut, recheck],
  );
  return <Context value={value}>{children}</Context>;
}

export function useSession(): SessionState {
  const value = use(Context);
  if (value === null) throw new Error('useSession outside its provider');
  return value;
}

/** The one who is signed in; only below the shell. */
export function useMe(): Session {
  const { session } = useSession();
  if (session === null) throw new Error('nobody is signed in');
  return session;
}

const LEADERS: Role[] = ['supervisor', 'admin'];

/** Whether the role may change what others do (the server decides; this only spares dead buttons). */
export function leads(role: Role): boolean {
  return LEADERS.includes(role);
}
