/** The router's explanation (R10), as it comes over the API, and its reasons in the reader's language. */
import type { TFunction } from 'i18next';

export interface Explanation {
  at: number | string;
  queue: string;
  step: number;
  needs: Record<string, number>;
  queues: string[];
  waited_s: number;
  chosen: string | null;
  waiting_because: 'offered' | 'held_for_preferred' | 'nobody_fits' | 'all_busy' | 'refused_by_the_idle' | null;
  next_change_at: string | number | null;
  fitting: number;
  idle: number;
  candidates: { operator: string; score: number; idle_s: number; skills: Record<string, number> }[];
  rivals: { call: string; score: number; waited_s: number; priority: number }[];
  exclusions: { reason: string; operators: number; skills: Record<string, number>; queues: string[] | null }[];
  excluded_by_reason: Record<string, number>;
}

export function needsInWords(t: TFunction, needs: Record<string, number>): string {
  const words = Object.entries(needs).map(([skill, level]) => t('why.need', { skill, level }));
  return words.length === 0 ? t('why.needNothing') : words.join(', ');
}

/** A reason of exclusion: the router gives a handful of sentences, `ari_app/routing/rules`. */
export function reasonInWords(t: TFunction, reason: string): string {
  const lacks = /^lacks skill (.+)$/.exec(reason);
  if (lacks) return t('why.lacks', { skill: lacks[1] });
  const low = /^(.+) at level (\d+), needs (\d+)$/.exec(reason);
  if (low) return t('why.low', { skill: low[1], level: low[2], least: low[3] });
  const outside = /^not in queue (.+)$/.exec(reason);
  if (outside) return t('why.outside', { queues: (outside[1] ?? '').replaceAll(' or ', ', ') });
  if (reason === 'busy') return t('why.busy');
  if (reason === 'refused or missed this call') return t('why.refused');
  return reason;
}
