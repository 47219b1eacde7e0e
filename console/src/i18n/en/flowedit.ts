/** The flow editor: forms per node, replay, heat, in English. */
export const node = {
  form: 'Node',
  pick: 'Choose a box of the graph.',
  add: 'Add a node',
  name: 'Name',
  nameHint: 'Lower-case letters, digits, _ and -; begins with a letter.',
  taken: 'This name is taken.',
  type: 'Type',
  remove: 'Remove this node',
  inText: 'Edit in the text',
  exits: 'Where it goes',
  key: 'Key',
  addKey: 'Add a key',
  dropKey: 'Remove key {{key}}',
  yes: 'Yes',
  no: 'No',
  default: 'as usual',
};

export const replay = {
  title: 'Replay of call {{call}}',
  open: 'Show on the graph',
  step: 'Step {{at}} of {{steps}}',
  next: 'Next step',
  back: 'Step back',
  play: 'Play',
  stop: 'Stop',
  slider: 'Step',
  end: 'Leave the replay',
  none: 'This call has not been through this flow.',
};

export const heat = {
  callers: '{{count}} callers here now',
  total: '{{count}} callers in this flow now',
};
