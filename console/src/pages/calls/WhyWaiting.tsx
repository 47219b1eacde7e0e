import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { serverNow } from '../../api/live';
import { duration } from '../../widgets/time';
import { needsInWords, reasonInWords, type Explanation } from './explain';

/** "Why is this caller still waiting?" in a few lines. */
export function WhyWaiting({ why }: { why: Explanation }) {
  const { t } = useTranslation();
  const next = why.next_change_at === null ? null : momentOf(why.next_change_at) - serverNow();
  return (
    <div data-why={why.waiting_because ?? 'chosen'}>
      <Text fw={580} className="foreign">
        {why.waiting_because === null
          ? t('why.chosen', { operator: why.chosen ?? '–' })
          : t(`why.because.${why.waiting_because}`, { fitting: why.fitting, idle: why.idle })}
      </Text>
      <Text size="sm" className="quiet foreign">
        {t('why.needs', { needs: needsInWords(t, why.needs), step: why.step })}{' '}
        {t('why.counts', { fitting: why.fitting, idle: why.idle })}{' '}
        {next !== null && next > 0 ? t('why.next', { in: duration(next / 1000) }) : null}
      </Text>
      <Reasons why={why} />
    </div>
  );
}

/** Why the others do not serve this call, the most frequent reason first. */
export function Reasons({ why }: { why: Explanation }) {
  const { t } = useTranslation();
  const reasons = Object.entries(why.excluded_by_reason).sort((a, b) => b[1] - a[1]).slice(0, 6);
  if (reasons.length === 0) return null;
  return (
    <Text size="sm" className="quiet foreign" component="ul" m={0} pl={18}>
      {reasons.map(([reason, count]) => (
        <li key={reason}>{t('why.excluded', { count, reason: reasonInWords(t, reason) })}</li>
      ))}
    </Text>
  );
}

function momentOf(at: string | number): number {
  return typeof at === 'number' ? at * 1000 : Date.parse(at);
}
