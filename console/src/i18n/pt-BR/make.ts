/** O que os administradores fazem e experimentam: locuções, ensaios; anotações em gravações. */
export const prompt = {
  title: 'Locuções',
  own: 'própria',
  search: 'Nome ou texto',
  usedBy: 'Usada por',
  new: 'Nova locução',
  hear: 'Ouvir {{name}}',
  replace: 'Substituir {{name}}',
  remove: 'Remover {{name}}',
  removed: '{{name}} foi removida.',
  how: 'Como é feita',
  way: { upload: 'Arquivo de som', speak: 'Falar um texto', record: 'Por telefone' },
  nameHint: 'Letras minúsculas, dígitos e hífens. Em um fluxo chama-se own/…',
  file: 'Arquivo de som',
  fileHint: 'WAV, FLAC, OGG, Opus, MP3 ou AIFF; no máximo 20 MB e 180 s.',
  tooBig: 'Mais de 20 MB.',
  phone: 'Telefone a chamar',
  phoneHint: 'Ele toca; fale após o sinal e tecle 1 para guardar.',
  text: 'O que ela diz',
  speakHint: 'A voz fala este texto.',
  speaking: 'A voz está falando; leva um instante.',
  call: 'Chamar este telefone',
  rings: 'O telefone {{phone}} está tocando. A locução aparece aqui depois de guardada com a tecla 1.',
  made: '{{name}} está pronta.',
};

export const rehearse = {
  own: 'o do próprio fluxo',
  open: 'Me ligue com este',
  title: 'Experimentar {{id}} por telefone',
  hint: 'Um telefone é chamado e percorre o texto como está aqui. Nada é publicado e nenhum operador é chamado.',
  phone: 'Telefone a chamar',
  call: 'Chamar',
  at: 'Em',
  operatorComes: 'Fazer um operador atender',
  operatorLeaves: 'Fazer o operador desligar',
  state: { waiting: 'esperando a chamada', ringing: 'tocando', live: 'no fluxo', ended: 'encerrado', unanswered: 'não atendido' },
};

export const note = {
  title: 'Anotações',
  at: 'Anotação em {{at}}',
  add: 'Adicionar',
  go: 'Ir para {{at}}',
  remove: 'Remover a anotação em {{at}}',
  pauses: 'Não gravado de propósito',
  accesses: 'Quem acessou',
};

export const scenario = {
  open: 'Cenários',
  title: 'Cenários de {{id}}',
  hint: 'Chamadas contadas em passos, tocadas em tempo virtual contra o texto como está. O que se muda aqui é experimentado, não guardado.',
  run: 'Rodar',
  outcome: '{{good}} de {{all}} passam; {{coverage}} % dos caminhos testados',
  untested: 'Nunca alcançados',
};
