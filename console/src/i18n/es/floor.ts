/** La sala como la llevan los supervisores, en español. */
export const floor = {
  listen: 'Escuchar …',
  listenTo: 'Escuchar a {{name}}',
  phoneHint: 'Suena y luego oye la conversación. Debe estar desconectado o libre.',
  scope: 'Cuánto tiempo',
  thisCall: 'Esta llamada',
  everyCall: 'Todas las llamadas hasta que yo termine',
  how: 'Cómo participar',
  mode: { listen: 'Escuchar', whisper: 'Susurrar', barge: 'Intervenir', take_over: 'Asumir' },
  means: {
    listen: 'Nadie oye este teléfono.',
    whisper: 'Solo el operador oye este teléfono; el cliente, nunca.',
    barge: 'Operador y cliente oyen este teléfono.',
    take_over: 'El operador sale; el cliente habla con este teléfono.',
  },
  ring: 'Llamar a este teléfono',
  rings: 'El teléfono {{phone}} está sonando.',
  watches: 'Escuchas en curso',
  ringing: 'sonando',
  ofOperator: 'todas las llamadas de {{name}}',
  ofCall: 'la llamada de {{name}}',
  by: 'por {{by}}',
};

export const notice = {
  tell: 'Enviar mensaje',
  tellAll: 'Mensaje a todos',
  to: 'Mensaje para {{name}}',
  toAll: 'Mensaje a todos los conectados',
  text: 'Mensaje',
  send: 'Enviar',
  sent: 'Enviado a {{count}}.',
  title: 'Mensajes de los supervisores',
  read: 'Leído',
};

export const queueAct = {
  of: 'Acciones para la cola {{name}}',
  close: 'Cerrar ahora',
  open: 'Reabrir',
  closed: 'cerrada',
  announce: 'Anunciar algo',
  announceHint: 'Todos los que esperan y los que lleguen oyen esta locución, hasta que se retire.',
  hush: 'Retirar el anuncio',
};

export const limit = {
  title: 'Cuándo avisan las cifras',
  hint: 'Se guarda en esta máquina. El nivel de servicio avisa cuando cae por debajo; los demás, desde el valor.',
  warn: 'amarillo',
  bad: 'rojo',
};

export const preview = {
  title: 'Contacto a llamar',
  left: '{{left}} para decidir',
  attempts: 'Intentos anteriores',
  dial: 'Llamar ahora',
  skip: 'Omitir',
  why: 'Por qué no',
  reason: 'Motivo',
  again: 'Otra vez en horas',
  reasons: { unsuitable_hour: 'Hora inadecuada', wrong_person: 'Persona equivocada', already_reached: 'Ya contactado', other: 'Otro' },
};

export const tape = {
  start: 'Grabar',
  pause: 'Pausar la grabación',
  resume: 'Reanudar la grabación',
  state: { recording: 'grabando', paused: 'grabación en pausa', held: 'no se guarda', off: 'sin grabación' },
};

export const dial = {
  title: 'Llamar a alguien',
  number: 'Número a llamar',
  call: 'Llamar',
  callBack: 'Llamar a este número',
  rings: 'Su teléfono suena; luego se llama a {{number}}.',
};

export const consented = { given: 'aceptó', refused: 'rehusó', withdrawn: 'retiró el consentimiento' };
