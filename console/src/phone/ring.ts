/** A ringing tone of our own: two soft notes, again every three seconds. */
const NOTES = [587, 740];
const EVERY_MS = 3_000;

let sound: AudioContext | null = null;
let timer: ReturnType<typeof setInterval> | undefined;

function strike(context: AudioContext): void {
  NOTES.forEach((frequency, place) => {
    const at = context.currentTime + place * 0.28;
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.16, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.9);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + 1);
  });
}

/** The two notes once, to try a loudspeaker. */
export function playOnce(): void {
  const context = new AudioContext();
  strike(context);
  setTimeout(() => void context.close(), 1_600);
}

export function startRinging(): void {
  stopRinging();
  const context = new AudioContext();
  sound = context;
  strike(context);
  timer = setInterval(() => strike(context), EVERY_MS);
}

export function stopRinging(): void {
  clearInterval(timer);
  void sound?.close();
  sound = null;
}
