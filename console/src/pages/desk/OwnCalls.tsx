import { Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Operator } from '../../api/client';
import { useCalls } from '../../api/queries';
import { Icon } from '../../widgets/Icon';
import { Empty, Failure } from '../../widgets/Page';
import { Moment } from '../../widgets/time';
import { CallRow } from './CurrentCall';
import classes from './Desk.module.css';

/** The operator's last calls. */
export function OwnCalls({ operator }: { operator: Operator }) {
  const { t } = useTranslation();
  const known = useCalls({ operator: operator.extension });
  const calls = known.data?.pages[0]?.items.filter((call) => call.ended_at !== null).slice(0, 12) ?? [];
  return (
    <section className="card" aria-label={t('desk.own')}>
      <Group gap={8} className={classes.heading}>
        <Icon name="list" size={16} />
        <Text component="h2" size="sm" fw={600}>
          {t('desk.own')}
        </Text>
      </Group>
      {known.isError ? <Failure error={known.error} /> : null}
      {known.isSuccess && calls.length === 0 ? <Empty icon="list">{t('desk.noOwn')}</Empty> : null}
      <ul className={classes.list}>
        {calls.map((call) => (
          <li key={call.id}>
            <CallRow
              call={call}
              main={
                <>
                  <strong>{call.from || t('call.hidden')}</strong>{' '}
                  <span className="quiet">
                    <Moment at={call.started_at} />
                  </span>
                </>
              }
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
