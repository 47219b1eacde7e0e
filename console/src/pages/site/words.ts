/** What fields and choices are called, and how a value is told in a line. */
import { useTranslation } from 'react-i18next';

/** Names by the path of a field: `['calling_back', 'ring_s']`. */
export function useWords() {
  const { t, i18n } = useTranslation();
  const known = (key: string) => i18n.exists(key, { ns: 'console' });
  const label = (path: string[]) => {
    const key = `site.label.${path.join('_')}`;
    return known(key) ? t(key as 'site.label.name') : path.join(' ');
  };
  const choice = (value: string) => (known(`site.choice.${value}`) ? t(`site.choice.${value}` as 'site.choice.wait') : value);
  const told = (value: unknown): string => {
    if (value === undefined || value === null || value === '') return t('site.usualNothing');
    if (typeof value === 'boolean') return value ? t('site.yes') : t('site.no');
    if (typeof value === 'string') return choice(value);
    return typeof value === 'number' ? String(value) : JSON.stringify(value);
  };
  return { label, choice, told };
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** The days of the week, Monday first, as the language calls them. */
export function useWeekdays(): { key: string; name: string }[] {
  const { i18n } = useTranslation();
  const name = new Intl.DateTimeFormat(i18n.language, { weekday: 'long', timeZone: 'UTC' });
  return DAYS.map((key, place) => ({ key, name: name.format(new Date(Date.UTC(2024, 0, 1 + place))) }));
}

export const SPAN = /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/;
