/** Lo que los administradores hacen y prueban: locuciones, ensayos; notas en grabaciones. */
export const prompt = {
  title: 'Locuciones',
  own: 'propia',
  search: 'Nombre o texto',
  usedBy: 'La usa',
  new: 'Nueva locución',
  hear: 'Escuchar {{name}}',
  replace: 'Sustituir {{name}}',
  remove: 'Quitar {{name}}',
  removed: '{{name}} se quitó.',
  how: 'Cómo se hace',
  way: { upload: 'Archivo de sonido', speak: 'Decir un texto', record: 'Por teléfono' },
  nameHint: 'Letras minúsculas, cifras y guiones. En un flujo se llama own/…',
  file: 'Archivo de sonido',
  fileHint: 'WAV, FLAC, OGG, Opus, MP3 o AIFF; 20 MB y 180 s como máximo.',
  tooBig: 'Más de 20 MB.',
  phone: 'Teléfono a llamar',
  phoneHint: 'Suena; hable tras la señal y pulse 1 para guardar.',
  text: 'Lo que dice',
  speakHint: 'La voz dice este texto.',
  speaking: 'La voz está hablando; tarda un momento.',
  call: 'Llamar a este teléfono',
  rings: 'El teléfono {{phone}} está sonando. La locución aparece aquí cuando se guarda con la tecla 1.',
  made: '{{name}} está lista.',
};

export const rehearse = {
  own: 'el del propio flujo',
  open: 'Llámame con este',
  title: 'Probar {{id}} por teléfono',
  hint: 'Se llama a un teléfono que recorre el texto tal como está aquí. No se publica nada ni se llama a ningún operador.',
  phone: 'Teléfono a llamar',
  call: 'Llamar',
  at: 'En',
  operatorComes: 'Que conteste un operador',
  operatorLeaves: 'Que el operador cuelgue',
  state: { waiting: 'esperando la llamada', ringing: 'sonando', live: 'en el flujo', ended: 'terminado', unanswered: 'sin respuesta' },
};

export const note = {
  title: 'Notas',
  at: 'Nota en {{at}}',
  add: 'Añadir',
  go: 'Ir a {{at}}',
  remove: 'Quitar la nota en {{at}}',
  pauses: 'No grabado a propósito',
  accesses: 'Quién accedió',
};

export const scenario = {
  open: 'Escenarios',
  title: 'Escenarios de {{id}}',
  hint: 'Llamadas contadas en pasos, que corren en tiempo virtual contra el texto tal como está. Lo que se cambia aquí se prueba, no se guarda.',
  run: 'Ejecutar',
  outcome: '{{good}} de {{all}} pasan; {{coverage}} % de los caminos probados',
  untested: 'Nunca alcanzados',
};
