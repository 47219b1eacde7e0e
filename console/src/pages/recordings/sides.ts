/** Which of the two who talked is heard: the recording's left channel is the caller's, its right the operator's. */
export const SIDES = ['both', 'caller', 'operator'] as const;
export type Side = (typeof SIDES)[number];

/** Lets one side be heard alone, in both ears. */
export interface Mixer {
  choose: (side: Side) => void;
  close: () => void;
}

/** Take over a media element's sound; to be called in a click, for browsers begin no sound before one. */
export function mixerOf(media: HTMLMediaElement): Mixer {
  const context = new AudioContext();
  const source = context.createMediaElementSource(media);
  const split = context.createChannelSplitter(2);
  const one = context.createGain();
  source.connect(context.destination);
  source.connect(split);
  function choose(side: Side): void {
    source.disconnect();
    split.disconnect();
    one.disconnect();
    if (side === 'both') {
      source.connect(context.destination);
      return;
    }
    source.connect(split);
    split.connect(one, side === 'caller' ? 0 : 1);
    one.connect(context.destination); // a mono sound goes to both ears
  }
  return { choose, close: () => void context.close() };
}
