/** Where browser phones register and how they get through firewalls, as the installation says. */
import { useQuery } from '@tanstack/react-query';
import { api, ask, type Schemas } from '../api/client';

export type Place = Schemas['BrowserPhoneOut'];

/** `place` null: no browser phones here. The relay's password lasts a shift, so it is asked for anew now and then. */
export function usePhonePlace() {
  return useQuery({
    queryKey: ['phone-place'],
    queryFn: () => ask(api.GET('/api/v1/phone')),
    staleTime: 3_600_000,
  });
}

const RELAY = 'ramal.relay';

/** Whether media go through the relay only, chosen on this machine. */
export function relayOnly(): boolean {
  return localStorage.getItem(RELAY) === '1';
}

export function setRelayOnly(on: boolean): void {
  if (on) localStorage.setItem(RELAY, '1');
  else localStorage.removeItem(RELAY);
}
