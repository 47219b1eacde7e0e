/** What admins make and try: prompts, rehearsals, scenarios; notes on recordings. In English. */
export const prompt = {
  title: 'Prompts',
  own: 'own',
  search: 'Name or text',
  usedBy: 'Used by',
  new: 'New prompt',
  hear: 'Listen to {{name}}',
  replace: 'Replace {{name}}',
  remove: 'Remove {{name}}',
  removed: '{{name}} was removed.',
  how: 'How it is made',
  way: { upload: 'Sound file', speak: 'Speak a text', record: 'By phone' },
  nameHint: 'Lower-case letters, digits, hyphens. In a flow it is named own/…',
  file: 'Sound file',
  fileHint: 'WAV, FLAC, OGG, Opus, MP3 or AIFF; 20 MB and 180 s at most.',
  tooBig: 'More than 20 MB.',
  phone: 'Phone to call',
  phoneHint: 'It rings; speak after the beep, and press 1 to keep it.',
  text: 'What it says',
  speakHint: 'The voice says this.',
  speaking: 'The voice is speaking; this takes a moment.',
  call: 'Call this phone',
  rings: 'Phone {{phone}} rings. The prompt is here once it was kept with key 1.',
  made: '{{name}} is ready.',
};

export const rehearse = {
  own: 'the flow\'s own',
  open: 'Call me with this',
  title: 'Try {{id}} by phone',
  hint: 'A phone is called and goes through the text as it stands here. Nothing is published, no operator is asked.',
  phone: 'Phone to call',
  call: 'Call',
  at: 'At',
  operatorComes: 'Let an operator answer',
  operatorLeaves: 'Let the operator hang up',
  state: { waiting: 'waiting for the call', ringing: 'ringing', live: 'in the flow', ended: 'over', unanswered: 'not answered' },
};

export const note = {
  title: 'Notes',
  at: 'Note at {{at}}',
  add: 'Add',
  go: 'Go to {{at}}',
  remove: 'Remove the note at {{at}}',
  pauses: 'Not recorded on purpose',
  accesses: 'Who accessed it',
};

export const scenario = {
  open: 'Scenarios',
  title: 'Scenarios of {{id}}',
  hint: 'Calls told in steps, played in virtual time against the text as it stands. What is changed here is tried, not saved.',
  run: 'Run',
  outcome: '{{good}} of {{all}} pass; {{coverage}} % of the ways are tested',
  untested: 'Never reached',
};
