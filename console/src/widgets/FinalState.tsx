import { useTranslation } from 'react-i18next';
import type { Call } from '../api/client';
import { Tag } from './StatePill';

type Tone = Parameters<typeof Tag>[0]['tone'];

const TONES: Record<NonNullable<Call['final_state']>, Tone> = {
  answered: 'good',
  abandoned: 'bad',
  self_served: 'rest',
  voicemail: 'wrap',
  callback: 'wrap',
  transferred: 'busy',
  lost_media: 'bad',
  fallback: 'ring',
  rejected: 'rest',
  no_answer: 'rest',
};

/** How a call ended, or where it is now. */
export function FinalState({ call }: { call: Call }) {
  const { t } = useTranslation();
  if (call.final_state) {
    return <Tag tone={TONES[call.final_state] ?? 'rest'}>{t(`final.${call.final_state}`)}</Tag>;
  }
  return <Tag tone={call.phase === 'talking' ? 'busy' : 'ring'}>{t(`phase.${call.phase}`)}</Tag>;
}
