/** The phone in the browser: SIP over a secure WebSocket (RFC 7118), media as SRTP. One per page; pages watch it. */
import type { UA } from 'jssip';
import type { IncomingRTCSessionEvent, OutgoingRTCSessionEvent } from 'jssip/lib/UA';
import type { RTCSession } from 'jssip/lib/RTCSession';
import { useSyncExternalStore } from 'react';
import { answersItself } from './auto';
import { keepRegistered } from './line';
import { relayOnly } from './place';
import { measure, type Quality } from './quality';
import { startRinging, stopRinging } from './ring';

export interface PhoneCall {
  direction: 'incoming' | 'outgoing';
  state: 'ringing' | 'talking';
  number: string;
  muted: boolean;
  held: boolean;
  /** When they began to hear each other, ISO. */
  since: string | null;
  quality: Quality | null;
}

export interface PhoneState {
  line: 'off' | 'connecting' | 'registered' | 'lost' | 'refused';
  call: PhoneCall | null;
  /** Why the last call or registration failed. */
  cause: string;
}

export interface Account {
  place: string;
  ice_servers: RTCIceServer[];
  extension: string;
  password: string;
}

/** The phone's password is kept for this tab only. */
const KEPT = 'ramal.phone';
/** Stands while somebody is talked with in this tab: a page loaded anew knows that it tore a talk. */
const TALKING = 'ramal.talking';
const EXPECTED_MS = 30_000;
const MEASURE_MS = 2_000;
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

let state: PhoneState = { line: 'off', call: null, cause: '' };
let agent: UA | null = null;
let ice: RTCIceServer[] = [];
let session: RTCSession | null = null;
let unwatch = () => {};
let measuring: ReturnType<typeof setInterval> | undefined;
let torn = sessionStorage.getItem(TALKING) !== null && wasReloaded();
let expectedUntil = 0;
sessionStorage.removeItem(TALKING);
const watchers = new Set<() => void>();
const speaker = new Audio();
speaker.autoplay = true;

function set(change: Partial<PhoneState>): void {
  state = { ...state, ...change };
  watchers.forEach((told) => told());
}

function setCall(change: Partial<PhoneCall>): void {
  if (state.call !== null) set({ call: { ...state.call, ...change } });
}

export function usePhone(): PhoneState {
  return useSyncExternalStore(
    (told) => {
      watchers.add(told);
      return () => watchers.delete(told);
    },
    () => state,
  );
}

function wasReloaded(): boolean {
  const [loaded] = performance.getEntriesByType('navigation');
  return loaded instanceof PerformanceNavigationTiming && loaded.type === 'reload';
}

/** Whether this page was loaded anew in the middle of a talk, and nothing was done about it yet. */
export function isTorn(): boolean {
  return torn;
}

/** The caller who was torn off comes back: the next call that rings is answered unasked. */
export function mend(): void {
  torn = false;
  expectedUntil = Date.now() + EXPECTED_MS;
}

/** Connect and register; goes on trying until `disconnect`. */
export async function connect({ place, ice_servers, extension, password }: Account): Promise<void> {
  disconnect();
  ice = ice_servers;
  set({ line: 'connecting', cause: '' });
  const { UA, WebSocketInterface } = await import('jssip');
  const { hostname } = new URL(place);
  const socket = new WebSocketInterface(place);
  const made = new UA({
    sockets: [socket],
    uri: `sip:${extension}@${hostname}`,
    password,
    register_expires: 120,
    session_timers: false,
    connection_recovery_min_interval: 1,
    connection_recovery_max_interval: 2,
    user_agent: 'Ramal console',
  });
  agent = made;
  made.on('registered', () => {
    if (state.line === 'lost') askWhetherItLives();
    set({ line: 'registered', cause: '' });
  });
  made.on('registrationFailed', ({ cause, response }) => {
    set({ line: response ? 'refused' : 'lost', cause: String(cause ?? '') });
  });
  made.on('disconnected', () => set({ line: 'lost' }));
  made.on('newRTCSession', take);
  unwatch = keepRegistered(made, socket, () => session !== null);
  made.start();
}

/** The line was away. Where the PBX died meanwhile it knows nothing of the talk and says so (481), which ends it here;
 *  JsSIP would wait for ICE to fail, half a minute in which nobody else gets through. A PBX that lived just answers. */
function askWhetherItLives(): void {
  if (session?.isEstablished()) session.sendInfo('text/plain', 'still there?');
}

export function disconnect(): void {
  unwatch();
  agent?.stop();
  agent = null;
  finish('');
  set({ line: 'off' });
}

export function keptPassword(): string | null {
  return sessionStorage.getItem(KEPT);
}

export function keepPassword(password: string): void {
  sessionStorage.setItem(KEPT, password);
}

/** Disconnect for good: the operator has signed out, or does not want calls here. */
export function forget(): void {
  sessionStorage.removeItem(KEPT);
  disconnect();
}

function take(event: IncomingRTCSessionEvent | OutgoingRTCSessionEvent): void {
  const made = event.session;
  if (session !== null) {
    made.terminate({ status_code: 486 });
    return;
  }
  session = made;
  const incoming = event.originator === 'remote';
  const number = made.remote_identity.uri.user;
  set({
    cause: '',
    call: { direction: incoming ? 'incoming' : 'outgoing', state: 'ringing', number, muted: false, held: false, since: null, quality: null },
  });
  const expected = incoming && Date.now() < expectedUntil;
  if (expected) expectedUntil = 0;
  const atOnce = expected || (incoming && answersItself(event.request.getHeader('Call-Info')));
  if (incoming && !atOnce) startRinging();
  made.on('peerconnection', ({ peerconnection }) => listen(peerconnection));
  if (made.connection) listen(made.connection);
  made.on('confirmed', () => talk(made));
  made.on('ended', ({ cause }) => finish(String(cause ?? '')));
  made.on('failed', ({ cause }) => finish(String(cause ?? '')));
  made.on('hold', () => setCall({ held: true }));
  made.on('unhold', () => setCall({ held: false }));
  made.on('muted', () => setCall({ muted: true }));
  made.on('unmuted', () => setCall({ muted: false }));
  if (atOnce) made.answer(media());
}

function listen(connection: RTCPeerConnection): void {
  connection.addEventListener('track', ({ streams: [stream], track }) => {
    speaker.srcObject = stream ?? new MediaStream([track]);
    speaker.play().catch(() => undefined);
  });
}

function talk(made: RTCSession): void {
  stopRinging();
  sessionStorage.setItem(TALKING, '1');
  setCall({ state: 'talking', since: new Date().toISOString() });
  let counters: Parameters<typeof measure>[1] = null;
  clearInterval(measuring);
  measuring = setInterval(() => {
    void measure(made.connection, counters).then((measured) => {
      if (measured === null || session !== made) return;
      counters = measured.counters;
      setCall({ quality: measured.quality });
    });
  }, MEASURE_MS);
}

function finish(cause: string): void {
  stopRinging();
  clearInterval(measuring);
  sessionStorage.removeItem(TALKING);
  session = null;
  speaker.srcObject = null;
  set({ call: null, cause });
}

/** What a call is made with. */
function media() {
  const iceTransportPolicy: RTCIceTransportPolicy = relayOnly() && ice.some(({ urls }) => String(urls).includes('turn')) ? 'relay' : 'all';
  return { mediaConstraints: { audio: AUDIO, video: false }, pcConfig: { iceServers: ice, iceTransportPolicy } };
}

export function answer(): void {
  stopRinging();
  session?.answer(media());
}

export function call(number: string): void {
  agent?.call(number, media());
}

export function hangUp(): void {
  if (session === null) return;
  session.terminate(session.isEstablished() ? undefined : { status_code: 603 });
}

export function toggleMute(): void {
  if (session === null) return;
  if (session.isMuted().audio) session.unmute();
  else session.mute({ audio: true });
}

export function toggleHold(): void {
  if (session === null) return;
  if (session.isOnHold().local) session.unhold();
  else session.hold();
}

export function press(key: string): void {
  session?.sendDTMF(key);
}

/** The loudspeaker or headset to hear callers with, where the browser lets one choose. */
export async function hearWith(device: string): Promise<void> {
  await speaker.setSinkId?.(device);
}
