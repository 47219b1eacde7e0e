/** Times and durations: one ticking second for the whole page, by the server's clock. */
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { serverNow } from '../api/live';

const watchers = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;
let second = Math.floor(serverNow() / 1000);

function subscribe(told: () => void): () => void {
  watchers.add(told);
  ticking ??= setInterval(() => {
    const now = Math.floor(serverNow() / 1000);
    if (now === second) return;
    second = now;
    watchers.forEach((watcher) => watcher());
  }, 100);
  return () => {
    watchers.delete(told);
    if (watchers.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };
}

/** The server's time in whole seconds; the component renders anew with each. */
export function useSecond(): number {
  return useSyncExternalStore(subscribe, () => second);
}

/** `4:05`, or `1:04:05` from an hour on. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** The time since a moment, counting. */
export function Elapsed({ since }: { since: string }) {
  const now = useSecond();
  return <span className="figures">{duration(now - Math.floor(Date.parse(since) / 1000))}</span>;
}

export function Duration({ seconds }: { seconds: number | null | undefined }) {
  return <span className="figures">{seconds === null || seconds === undefined ? '–' : duration(seconds)}</span>;
}

/** A moment: the time alone if it is today's, else with its day; the whole in the title. */
export function Moment({ at, precise = false }: { at: string | null | undefined; precise?: boolean }) {
  const { i18n } = useTranslation();
  if (!at) return <span>–</span>;
  const moment = new Date(at);
  const today = moment.toDateString() === new Date(serverNow()).toDateString();
  const time: Intl.DateTimeFormatOptions = precise
    ? { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 }
    : { hour: '2-digit', minute: '2-digit', second: '2-digit' };
  const day: Intl.DateTimeFormatOptions = { day: '2-digit', month: '2-digit', year: '2-digit' };
  const options: Intl.DateTimeFormatOptions = today ? time : { ...day, ...time };
  return (
    <time dateTime={at} title={moment.toLocaleString(i18n.language)}>
      {moment.toLocaleString(i18n.language, { hourCycle: 'h23', ...options })}
    </time>
  );
}
