import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../widgets/Icon';
import { Tag } from '../../widgets/StatePill';

const OLD_MS = 2_000;

/** Says how old the figures are as soon as they are older than two seconds. */
export function Freshness({ at }: { at: number }) {
  const { t } = useTranslation();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  const age = now - at;
  return (
    <span role="status" aria-live="polite" data-fresh={age <= OLD_MS}>
      {age > OLD_MS ? (
        <Tag tone="bad">
          <Icon name="alert" size={15} /> {t('wall.stale', { seconds: Math.floor(age / 1000) })}
        </Tag>
      ) : (
        <Tag tone="good">
          <Icon name="bolt" size={15} /> {t('wall.fresh')}
        </Tag>
      )}
    </span>
  );
}
