import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Operator, OperatorState } from '../api/client';
import type { IconName } from './icons';
import { Icon } from './Icon';
import classes from './StatePill.module.css';
import { Elapsed } from './time';

type Tone = 'good' | 'busy' | 'ring' | 'wrap' | 'rest' | 'bad';

export const STATE_TONES: Record<OperatorState, Tone> = {
  signed_out: 'rest',
  available: 'good',
  reserved: 'ring',
  ringing: 'ring',
  talking: 'busy',
  on_hold: 'busy',
  wrap_up: 'wrap',
  paused: 'rest',
  unreachable: 'bad',
};

const ICONS: Record<OperatorState, IconName> = {
  signed_out: 'door',
  available: 'check',
  reserved: 'phoneIncoming',
  ringing: 'phoneIncoming',
  talking: 'phoneCall',
  on_hold: 'pause',
  wrap_up: 'edit',
  paused: 'coffee',
  unreachable: 'plug',
};

/** An operator's state in words, with its icon; colour only repeats it. */
export function StatePill({ operator, large = false }: { operator: Operator; large?: boolean }) {
  const { t } = useTranslation();
  const classNames = [classes.pill, classes[STATE_TONES[operator.state]], large ? classes.large : ''];
  return (
    <span className={classNames.join(' ')} data-state={operator.state}>
      <Icon name={ICONS[operator.state]} size={large ? 26 : 15} />
      <span>{t(`state.${operator.state}`)}</span>
      <span className={classes.timer}>
        <Elapsed since={operator.since} />
      </span>
    </span>
  );
}

/** Any small label with a tone. */
export function Tag({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={`${classes.pill} ${classes[tone]}`}>{children}</span>;
}
