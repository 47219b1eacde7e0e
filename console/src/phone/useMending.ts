/** A page loaded anew in the middle of a talk: the phone comes back, and has its place in the talk again. */
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../api/client';
import { useOperator } from '../api/queries';
import { useMe } from '../api/session';
import { tellDone, tellFailed } from '../widgets/tell';
import { usePhonePlace } from './place';
import { connect, isTorn, keptPassword, mend, usePhone } from './softphone';

const TRIES = 8;
const AGAIN_MS = 500;

/** Alone with the caller: he waits in a slot with music while this phone rings, and is lost to nobody should it not
 *  be picked up. With others in the talk: they stay, and this phone takes its place again. */
async function fetchBack(id: string, own: string): Promise<void> {
  const params = { params: { path: { id } } };
  const talk = await ask(api.GET('/api/v1/calls/{id}/talk', params));
  if (talk.parties.some((party) => party.who !== own)) {
    await ask(api.POST('/api/v1/calls/{id}/rejoin', params));
    return;
  }
  await ask(api.POST('/api/v1/calls/{id}/park', params));
  for (let left = TRIES; ; left -= 1) {
    try {
      await ask(api.POST('/api/v1/calls/{id}/retrieve', params));
      return;
    } catch (error) {
      // On the way to the slot still.
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

export function useMending(): void {
  const { t } = useTranslation();
  const { line, call } = usePhone();
  const extension = useMe().operator ?? '';
  const operator = useOperator(extension);
  const place = usePhonePlace().data;
  const talk = operator?.state === 'talking' || operator?.state === 'on_hold' ? operator.call_id : null;

  useEffect(() => {
    const password = keptPassword();
    if (isTorn() && line === 'off' && password !== null && place?.place) void connect({ ...place, place: place.place, extension, password });
  }, [line, place, extension]);

  useEffect(() => {
    if (!isTorn() || line !== 'registered' || call !== null || talk === null) return;
    mend();
    tellDone(t('phone.mending'));
    fetchBack(talk, extension).catch((error: unknown) => tellFailed(t('failure.conflict'), error));
  }, [line, call, talk, extension, t]);
}
