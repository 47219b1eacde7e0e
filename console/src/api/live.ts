/** The live feed: one WebSocket that resumes by its cursor, writes news into the query cache, and knows its age. */
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import type { Call, Fact, Operator, OperatorState, QueueLive } from './client';

export type LinkState = 'off' | 'connecting' | 'open' | 'lost';

interface Link {
  state: LinkState;
  /** Milliseconds to add to this machine's clock to get the server's. */
  offset: number;
  /** False while the server cannot store what happens. */
  healthy: boolean;
}

type Message =
  | { type: 'snapshot'; seq: number; at: string; healthy: boolean; operators: Operator[]; queues: QueueLive[]; calls: Call[] }
  | { type: 'fact'; seq: number; fact: Fact }
  | { type: 'ping'; seq: number; at: string; healthy: boolean };

/** The server sends a ping every 5 s at least; twice that in silence means that the line is dead. */
const SILENCE_MS = 11_000;
const SIGNED_OUT = 4401;
const REFRESH_MS = 250;

let link: Link = { state: 'off', offset: 0, healthy: true };
const watchers = new Set<() => void>();
const listeners = new Set<(fact: Fact) => void>();

function set(change: Partial<Link>): void {
  link = { ...link, ...change };
  watchers.forEach((told) => told());
}

function subscribe(told: () => void): () => void {
  watchers.add(told);
  return () => watchers.delete(told);
}

export function useLink(): Link {
  return useSyncExternalStore(subscribe, () => link);
}

/** The server's time, in milliseconds. */
export function serverNow(): number {
  return Date.now() + link.offset;
}

/** Hear each fact as it comes. */
export function useFacts(hear: (fact: Fact) => void): void {
  useEffect(() => {
    listeners.add(hear);
    return () => {
      listeners.delete(hear);
    };
  }, [hear]);
}

function applyFact(client: QueryClient, fact: Fact): void {
  if (fact.fact !== 'OperatorStateChanged') return;
  client.setQueryData<Operator[]>(['operators'], (known) =>
    known?.map((operator) =>
      operator.extension === fact.operator
        ? { ...operator, state: fact.new as OperatorState, reason: String(fact.reason ?? ''), since: fact.at }
        : operator,
    ),
  );
}

/** What a fact makes old. */
function touched(fact: Fact): string[] {
  if (fact.fact === 'NoticeSent') return ['notices'];
  if (fact.fact === 'PreviewOffered') return ['preview', 'operators'];
  if (fact.fact === 'QueueStateChanged') return ['queues', 'queue-names'];
  if (fact.fact.startsWith('Watch')) return ['watches', 'call'];
  if (/^Recording(Started|Paused|Resumed)/.test(fact.fact)) return ['tape', 'call'];
  if (fact.fact.startsWith('Operator')) return ['operators', 'queues', 'preview'];
  if (/^(Call|Offer|Talk|Routing|Protocol)/.test(fact.fact)) return ['operators', 'queues', 'calls', 'call', 'desk'];
  if (fact.fact === 'RecordingStored') return ['calls', 'call', 'recordings'];
  if (/^(Transfer|Party)/.test(fact.fact)) return ['operators', 'desk', 'parked', 'call'];
  if (/^(Message|Callback)/.test(fact.fact)) return ['work', 'callbacks', 'calls', 'call'];
  return fact.call_id === null ? [] : ['trace', 'desk'];
}

class Line {
  private socket: WebSocket | null = null;
  private cursor: number | null = null;
  private wait = 500;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private old = new Set<string>();
  private refresh: ReturnType<typeof setTimeout> | undefined;
  private ended = false;

  constructor(
    private readonly client: QueryClient,
    private readonly signedOut: () => void,
  ) {
    this.open();
  }

  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
    clearTimeout(this.silence);
    clearTimeout(this.refresh);
    this.socket?.close();
    set({ state: 'off' });
  }

  private open(): void {
    set({ state: this.cursor === null ? 'connecting' : link.state });
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const after = this.cursor === null ? '' : `?after=${this.cursor}`;
    const socket = new WebSocket(`${scheme}://${location.host}/api/v1/live${after}`);
    this.socket = socket;
    socket.onopen = () => {
      this.wait = 500;
      // The first time nothing is known before the snapshot.
      if (this.cursor !== null) set({ state: 'open' });
      this.heard();
    };
    socket.onmessage = (event) => {
      this.heard();
      this.take(JSON.parse(String(event.data)) as Message);
    };
    socket.onclose = (event) => this.closed(socket, event.code);
  }

  private closed(socket: WebSocket, code: number): void {
    if (this.ended || socket !== this.socket) return;
    clearTimeout(this.silence);
    set({ state: 'lost' });
    if (code === SIGNED_OUT) {
      this.signedOut();
    }
    this.timer = setTimeout(() => this.open(), this.wait + Math.random() * 250);
    this.wait = Math.min(this.wait * 2, 5_000);
  }

  private heard(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      const socket = this.socket;
      if (socket === null) return;
      socket.onclose = null;
      socket.close();
      this.closed(socket, 0);
    }, SILENCE_MS);
  }

  private take(message: Message): void {
    this.cursor = message.seq;
    if (message.type === 'fact') {
      applyFact(this.client, message.fact);
      listeners.forEach((hear) => hear(message.fact));
      this.outdate(touched(message.fact));
      return;
    }
    const offset = Date.parse(message.at) - Date.now();
    set({ healthy: message.healthy, offset: Math.abs(offset) < 150 ? 0 : offset });
    if (message.type === 'snapshot') {
      set({ state: 'open' });
      this.client.setQueryData(['operators'], message.operators);
      this.outdate(['queues', 'calls', 'call', 'desk']);
    }
  }

  private outdate(keys: string[]): void {
    keys.forEach((key) => this.old.add(key));
    if (this.refresh !== undefined || this.old.size === 0) return;
    this.refresh = setTimeout(() => {
      this.refresh = undefined;
      const old = this.old;
      this.old = new Set();
      void this.client.invalidateQueries({ predicate: (query) => old.has(String(query.queryKey[0])) });
    }, REFRESH_MS);
  }
}

/** Keep the line open while the shell is shown. */
export function useLive(wanted: boolean, signedOut: () => void): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!wanted) return undefined;
    const line = new Line(client, signedOut);
    return () => line.end();
  }, [client, wanted, signedOut]);
}
