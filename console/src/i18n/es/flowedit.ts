/** The flow editor: forms per node, replay, heat, in Spanish. */
export const node = {
  form: 'Nodo',
  pick: 'Elija una caja del gráfico.',
  add: 'Añadir nodo',
  name: 'Nombre',
  nameHint: 'Minúsculas, dígitos, _ y -; empieza por letra.',
  taken: 'Este nombre ya existe.',
  type: 'Tipo',
  remove: 'Quitar este nodo',
  inText: 'Editar en el texto',
  exits: 'Adónde va',
  key: 'Tecla',
  addKey: 'Añadir tecla',
  dropKey: 'Quitar la tecla {{key}}',
  yes: 'Sí',
  no: 'No',
  default: 'lo usual',
};

export const replay = {
  title: 'Repetición de la llamada {{call}}',
  open: 'Mostrar en el gráfico',
  step: 'Paso {{at}} de {{steps}}',
  next: 'Paso siguiente',
  back: 'Paso anterior',
  play: 'Reproducir',
  stop: 'Parar',
  slider: 'Paso',
  end: 'Salir de la repetición',
  none: 'Esta llamada no pasó por este flujo.',
};

export const heat = {
  callers: '{{count}} personas aquí ahora',
  total: '{{count}} personas en este flujo ahora',
};
