/** Why an operator pauses. The keys are what phone codes store too; any other reason is shown as it is. */
import type { TFunction } from 'i18next';
import type { IconName } from '../../widgets/icons';

export const REASONS = {
  break: 'coffee',
  meal: 'clock',
  toilet: 'door',
  training: 'book',
  meeting: 'users',
  coaching: 'headset',
  paperwork: 'edit',
  technical: 'settings',
  protected: 'shield',
} as const satisfies Record<string, IconName>;

export type Reason = keyof typeof REASONS;

export function reasonWord(t: TFunction, reason: string): string {
  if (reason === 'unspecified') return t('reason.unspecified');
  return reason in REASONS ? t(`reason.${reason as Reason}`) : reason;
}
