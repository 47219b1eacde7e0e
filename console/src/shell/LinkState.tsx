import { useTranslation } from 'react-i18next';
import { useLink } from '../api/live';
import { Icon } from '../widgets/Icon';
import classes from './Shell.module.css';

/** Says that what is shown may be old; silent while all is well. */
export function LinkState() {
  const { t } = useTranslation();
  const link = useLink();
  const word = link.state === 'lost' ? t('shell.lost') : link.healthy ? null : t('shell.unhealthy');
  return (
    <span role="status" aria-live="polite" data-live={link.state}>
      {word === null ? null : (
        <span className={classes['link-state']} data-link={link.state}>
          <Icon name="wifiOff" size={15} />
          {word}
        </span>
      )}
    </span>
  );
}
