/** Keeps the phone registered: whatever answers, refuses or stays silent, it is tried again, and soon. */
import type { UA, WebSocketInterface } from 'jssip';

/** After a restart of the PBX the phone must be back within 10 s: who was refused asks again this often. */
const AGAIN_MS = 3_000;
/** So long may connection and registration go unanswered. An Asterisk that is not fully booted takes connections and
 *  throws away what comes by them; over a WebSocket nobody sends twice, and JsSIP would wait for 32 s. */
const SILENCE_MS = 2_500;
/** A slow PBX is given more each time, or it would never get to answer. */
const MORE = 1.6;
const SILENCE_MOST_MS = 20_000;

/** Watches over `phone` until the function that it gives is called. `busy`: a call goes by the connection. */
export function keepRegistered(phone: UA, socket: WebSocketInterface, busy: () => boolean): () => void {
  let patience = SILENCE_MS;
  let waiting: ReturnType<typeof setTimeout> | undefined;

  function answered(): void {
    clearTimeout(waiting);
    waiting = undefined;
  }

  function drop(): void {
    answered();
    patience = Math.min(SILENCE_MOST_MS, patience * MORE);
    socket.disconnect();
    // Closed by hand it says nothing: told like this, JsSIP ends what was open and connects anew.
    socket.ondisconnect(true);
  }

  function expectAnswer(): void {
    answered();
    waiting = setTimeout(drop, patience);
  }

  phone.on('connecting', expectAnswer);
  phone.on('disconnected', answered);
  phone.on('registered', () => {
    answered();
    patience = SILENCE_MS;
  });
  phone.on('registrationFailed', ({ response }) => {
    answered();
    if (!response && phone.isConnected() && !busy()) drop();
  });
  const again = setInterval(() => {
    if (waiting !== undefined || phone.isRegistered() || !phone.isConnected()) return;
    if (!busy()) expectAnswer();
    phone.register();
  }, AGAIN_MS);
  return () => {
    answered();
    clearInterval(again);
  };
}
