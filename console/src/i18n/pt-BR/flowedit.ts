/** The flow editor: forms per node, replay, heat, in Brazilian Portuguese. */
export const node = {
  form: 'Nó',
  pick: 'Escolha uma caixa do gráfico.',
  add: 'Adicionar nó',
  name: 'Nome',
  nameHint: 'Letras minúsculas, dígitos, _ e -; começa por letra.',
  taken: 'Este nome já existe.',
  type: 'Tipo',
  remove: 'Remover este nó',
  inText: 'Editar no texto',
  exits: 'Para onde vai',
  key: 'Tecla',
  addKey: 'Adicionar tecla',
  dropKey: 'Remover a tecla {{key}}',
  yes: 'Sim',
  no: 'Não',
  default: 'padrão',
};

export const replay = {
  title: 'Reprodução da chamada {{call}}',
  open: 'Mostrar no gráfico',
  step: 'Passo {{at}} de {{steps}}',
  next: 'Próximo passo',
  back: 'Passo anterior',
  play: 'Reproduzir',
  stop: 'Parar',
  slider: 'Passo',
  end: 'Sair da reprodução',
  none: 'Esta chamada não passou por este fluxo.',
};

export const heat = {
  callers: '{{count}} pessoas aqui agora',
  total: '{{count}} pessoas neste fluxo agora',
};
