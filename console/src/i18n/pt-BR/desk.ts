/** The operator's page: pending states, checks, the offer on every page, in Brazilian Portuguese. */
export const own = {
  pending: {
    available: 'Disponível após a chamada',
    paused: 'Pausa após a chamada: {{reason}}',
    signed_out: 'Saída após a chamada',
  },
  pauseUntil: '{{reason}} · prevista até {{at}}',
  pauseOver: '{{reason}} · {{over}} além do previsto. Toque em Pronto quando voltar.',
  over: '{{over}} além do previsto',
  pendingBy: '(por {{by}})',
  takeBack: 'Desfazer',
  more: 'Mais tempo',
  moreBy: '+ {{minutes}} min',
  owes: 'Registre a chamada primeiro; depois vem a próxima.',
  open: 'Ir à minha mesa',
  cases: 'Casos abertos deste número',
};

export const check = {
  title: 'Verificar antes do turno',
  done: 'Verificado hoje',
  microphone: '1 · Microfone',
  speaker: '2 · Alto-falante ou fone',
  play: 'Tocar um som',
  network: '3 · Rede e linha',
  try: 'Testar a linha por 8 segundos',
  trying: 'Fale: você se ouve. {{left}} s',
  needLine: 'Conecte o telefone primeiro.',
  good: 'Tudo certo.',
  fair: 'Serve; um cabo seria melhor que o Wi-Fi.',
  bad: 'Quem liga vai sofrer: use outra rede ou seu telefone.',
  failed: 'O som não voltou: a rede bloqueia o áudio.',
  heard: 'O microfone ouve você.',
  silent: 'Nada ouvido ainda.',
  relay: 'Somente pelo retransmissor (onde UDP é bloqueado)',
  path: 'Caminho: {{way}}',
  ways: {
    host: 'direto',
    srflx: 'direto através do firewall',
    prflx: 'direto através do firewall',
    relay: 'retransmissor',
  },
};
