import { TagsInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FieldProps } from './Field';
import classes from './Site.module.css';
import { SPAN, useWeekdays, useWords } from './words';

/** Opening hours by weekday; a day without any is closed. */
export function Hours({ path, place, value, errors, onChange }: FieldProps) {
  const { t } = useTranslation();
  const { label } = useWords();
  const days = useWeekdays();
  const hours = (value ?? {}) as Record<string, string[]>;
  const set = (day: string, next: string[]) => {
    const { [day]: _, ...rest } = hours;
    onChange(next.length === 0 ? rest : { ...rest, [day]: next });
  };
  return (
    <fieldset className={classes.part}>
      <legend>{label(path)}</legend>
      <p className={classes.hint}>{t('site.spanHint')}</p>
      {days.map(({ key, name }) => {
        const spans = hours[key] ?? [];
        const wrong = spans.some((span) => !SPAN.test(span)) ? t('site.spanWrong') : undefined;
        return (
          <div key={key} className={classes.day}>
            <span aria-hidden="true">{name}</span>
            <TagsInput size="xs" aria-label={name} data-day={key} placeholder={spans.length === 0 ? t('site.closed') : undefined} value={spans} error={errors.get(`${place}.${key}`) ?? wrong} onChange={(next) => set(key, next)} />
          </div>
        );
      })}
    </fieldset>
  );
}
