/** The floor as supervisors lead it: listening in, notices, queues at once, limits; and what operators see of it. */
export const floor = {
  listen: 'Listen in …',
  listenTo: 'Listen to {{name}}',
  phoneHint: 'It rings and then hears the talk. It must be signed out or free.',
  scope: 'How long',
  thisCall: 'This call',
  everyCall: 'Every call until I stop',
  how: 'How to take part',
  mode: { listen: 'Listen', whisper: 'Whisper', barge: 'Barge in', take_over: 'Take over' },
  means: {
    listen: 'Nobody hears this phone.',
    whisper: 'Only the operator hears this phone, never the caller.',
    barge: 'Operator and caller hear this phone.',
    take_over: 'The operator leaves; the caller talks with this phone.',
  },
  ring: 'Ring this phone',
  rings: 'Phone {{phone}} rings.',
  watches: 'Listening now',
  ringing: 'ringing',
  ofOperator: 'every call of {{name}}',
  ofCall: 'the call of {{name}}',
  by: 'by {{by}}',
};

export const notice = {
  tell: 'Send a message',
  tellAll: 'Message to all',
  to: 'Message to {{name}}',
  toAll: 'Message to everybody signed in',
  text: 'Message',
  send: 'Send',
  sent: 'Sent to {{count}}.',
  title: 'Messages from supervisors',
  read: 'Read',
};

export const queueAct = {
  of: 'Actions for the queue {{name}}',
  close: 'Close at once',
  open: 'Open again',
  closed: 'closed',
  announce: 'Announce something',
  announceHint: 'Everybody who waits and everybody who comes hears this prompt, until it is taken away.',
  hush: 'Take the announcement away',
};

export const limit = {
  title: 'When figures warn',
  hint: 'Kept on this machine. The service level warns when it falls below, the others from there on.',
  warn: 'yellow',
  bad: 'red',
};

export const preview = {
  title: 'Contact to call',
  left: '{{left}} left to decide',
  attempts: 'Earlier attempts',
  dial: 'Call now',
  skip: 'Pass over',
  why: 'Why not',
  reason: 'Reason',
  again: 'Again in hours',
  reasons: { unsuitable_hour: 'Unsuitable hour', wrong_person: 'Wrong person', already_reached: 'Already reached', other: 'Other' },
};

export const tape = {
  start: 'Record',
  pause: 'Pause the recording',
  resume: 'Go on recording',
  state: { recording: 'being recorded', paused: 'recording paused', held: 'not kept', off: 'not recorded' },
};

export const dial = {
  title: 'Call somebody',
  number: 'Number to call',
  call: 'Call',
  callBack: 'Call this number',
  rings: 'Your phone rings, then {{number}} is called.',
};

export const consented = { given: 'agreed', refused: 'refused', withdrawn: 'took the consent back' };
