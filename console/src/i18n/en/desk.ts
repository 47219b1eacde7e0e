/** The operator's page: pending states, checks, the offer on every page, in English. */
export const own = {
  pending: {
    available: 'Ready after the call',
    paused: 'Pause after the call: {{reason}}',
    signed_out: 'Signed out after the call',
  },
  pauseUntil: '{{reason}} · planned until {{at}}',
  pauseOver: '{{reason}} · {{over}} longer than planned. Press Ready when you are back.',
  over: '{{over}} longer than planned',
  pendingBy: '(by {{by}})',
  takeBack: 'Take it back',
  more: 'More time',
  moreBy: '+ {{minutes}} min',
  owes: 'Write down the call first; then comes the next.',
  open: 'To my desk',
  cases: 'Open cases of this number',
};

export const check = {
  title: 'Check before the shift',
  done: 'Checked today',
  microphone: '1 · Microphone',
  speaker: '2 · Loudspeaker or headset',
  play: 'Play a tone',
  network: '3 · Network and line',
  try: 'Try the line for 8 seconds',
  trying: 'Speak: you hear yourself. {{left}} s',
  needLine: 'Connect the phone first.',
  good: 'All is well.',
  fair: 'It will do; a cable would be better than Wi-Fi.',
  bad: 'Callers will suffer: use another network, or your telephone.',
  failed: 'No sound came back: the network blocks the media.',
  heard: 'The microphone hears you.',
  silent: 'Nothing heard yet.',
  relay: 'Through the relay only (where UDP is blocked)',
  path: 'Way: {{way}}',
  ways: {
    host: 'direct',
    srflx: 'direct through the firewall',
    prflx: 'direct through the firewall',
    relay: 'relay',
  },
};
