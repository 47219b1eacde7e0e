import { Button, Text } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { useMe } from '../../api/session';
import { Icon } from '../../widgets/Icon';
import { Moment } from '../../widgets/time';
import classes from './Desk.module.css';

/** What supervisors told this operator; stands on whatever page until it is read. */
export function Notices() {
  const { t } = useTranslation();
  const extension = useMe().operator ?? '';
  const told = useQuery({
    queryKey: ['notices', extension],
    queryFn: async () => (await ask(api.GET('/api/v1/operators/{extension}/notices', { params: { path: { extension } } }))).items,
    refetchInterval: 30_000,
  }).data;
  const [read, setRead] = useLocalStorage<string[]>({ key: `ramal.read.${extension}`, defaultValue: [], getInitialValueInEffect: false });
  const unread = (told ?? []).filter((one) => !read.includes(one.id));
  if (unread.length === 0) return null;
  return (
    <section className={classes.notices} aria-label={t('notice.title')}>
      {unread.map((one) => (
        <div key={one.id} className={classes.notice} role="alert" data-notice={one.id}>
          <Icon name="message" size={18} />
          <div>
            <Text className="foreign">{one.text}</Text>
            <Text size="xs" className="quiet foreign">
              {one.by} · <Moment at={one.at} />
            </Text>
          </div>
          <Button size="compact-sm" variant="light" onClick={() => setRead([...read, one.id].slice(-100))}>
            {t('notice.read')}
          </Button>
        </div>
      ))}
    </section>
  );
}
