/** The last hour, from its calls: service level = (answered in time + abandoned in time) ÷ offered (K1). */
import { useQuery } from '@tanstack/react-query';
import { api, ask, type Call } from '../../api/client';
import { serverNow } from '../../api/live';

export const TARGET_S = 20;
const HOUR_S = 3600;
const SLOT_S = 300;
const MOST = 4_000;

export interface Slot {
  /** Seconds since the epoch. */
  at: number;
  answered: number;
  abandoned: number;
}

export interface Hour {
  offered: number;
  abandoned: number;
  /** null: nothing was offered. */
  level: number | null;
  slots: Slot[];
}

export function summarise(calls: Call[], now: number): Hour {
  const end = Math.ceil(now / SLOT_S) * SLOT_S;
  const slots: Slot[] = Array.from({ length: HOUR_S / SLOT_S }, (_, place) => ({
    at: end - HOUR_S + place * SLOT_S,
    answered: 0,
    abandoned: 0,
  }));
  let offered = 0;
  let inTime = 0;
  let abandoned = 0;
  for (const call of calls) {
    if (call.queued_at === null) continue;
    const answered = call.connected_at !== null;
    const left = call.final_state === 'abandoned';
    if (!answered && !left) continue;
    const queued = Date.parse(call.queued_at) / 1000;
    const until = Date.parse((answered ? call.connected_at : call.ended_at) ?? call.queued_at) / 1000;
    offered += 1;
    if (until - queued <= TARGET_S) inTime += 1;
    if (left) abandoned += 1;
    const slot = slots[Math.floor((queued - (end - HOUR_S)) / SLOT_S)];
    if (slot !== undefined) slot[answered ? 'answered' : 'abandoned'] += 1;
  }
  return { offered, abandoned, level: offered > 0 ? inTime / offered : null, slots };
}

async function fetchHour(): Promise<Hour> {
  const now = serverNow() / 1000;
  const since = new Date((now - HOUR_S) * 1000).toISOString();
  const calls: Call[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask(api.GET('/api/v1/calls', { params: { query: { since, limit: 500, cursor } } }));
    calls.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && calls.length < MOST);
  return summarise(calls, now);
}

export function useHour() {
  return useQuery({ queryKey: ['hour'], queryFn: fetchHour, refetchInterval: 5_000, refetchIntervalInBackground: true });
}
