/** The operator's page: pending states, checks, the offer on every page, in Spanish. */
export const own = {
  pending: {
    available: 'Disponible tras la llamada',
    paused: 'Pausa tras la llamada: {{reason}}',
    signed_out: 'Salida tras la llamada',
  },
  pauseUntil: '{{reason}} · prevista hasta {{at}}',
  pauseOver: '{{reason}} · {{over}} más de lo previsto. Pulse Listo cuando vuelva.',
  over: '{{over}} más de lo previsto',
  pendingBy: '(por {{by}})',
  takeBack: 'Deshacer',
  more: 'Más tiempo',
  moreBy: '+ {{minutes}} min',
  owes: 'Registre la llamada primero; después viene la siguiente.',
  open: 'A mi puesto',
  cases: 'Casos abiertos de este número',
};

export const check = {
  title: 'Verificar antes del turno',
  done: 'Verificado hoy',
  microphone: '1 · Micrófono',
  speaker: '2 · Altavoz o auricular',
  play: 'Tocar un tono',
  network: '3 · Red y línea',
  try: 'Probar la línea 8 segundos',
  trying: 'Hable: se oye a sí mismo. {{left}} s',
  needLine: 'Conecte primero el teléfono.',
  good: 'Todo bien.',
  fair: 'Sirve; un cable sería mejor que el Wi-Fi.',
  bad: 'Quien llama sufrirá: use otra red o su teléfono.',
  failed: 'No volvió sonido: la red bloquea el audio.',
  heard: 'El micrófono le oye.',
  silent: 'Aún no se oye nada.',
  relay: 'Solo por el retransmisor (donde UDP está bloqueado)',
  path: 'Camino: {{way}}',
  ways: {
    host: 'directo',
    srflx: 'directo a través del cortafuegos',
    prflx: 'directo a través del cortafuegos',
    relay: 'retransmisor',
  },
};
