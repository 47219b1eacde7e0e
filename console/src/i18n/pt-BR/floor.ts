/** O atendimento como os supervisores o conduzem, em português. */
export const floor = {
  listen: 'Escutar …',
  listenTo: 'Escutar {{name}}',
  phoneHint: 'Ele toca e depois ouve a conversa. Deve estar fora do atendimento ou livre.',
  scope: 'Por quanto tempo',
  thisCall: 'Esta chamada',
  everyCall: 'Todas as chamadas até eu encerrar',
  how: 'Como participar',
  mode: { listen: 'Escutar', whisper: 'Sussurrar', barge: 'Intervir', take_over: 'Assumir' },
  means: {
    listen: 'Ninguém ouve este telefone.',
    whisper: 'Só o operador ouve este telefone; o cliente, nunca.',
    barge: 'Operador e cliente ouvem este telefone.',
    take_over: 'O operador sai; o cliente fala com este telefone.',
  },
  ring: 'Tocar este telefone',
  rings: 'O telefone {{phone}} está tocando.',
  watches: 'Escutas em andamento',
  ringing: 'tocando',
  ofOperator: 'todas as chamadas de {{name}}',
  ofCall: 'a chamada de {{name}}',
  by: 'por {{by}}',
};

export const notice = {
  tell: 'Enviar mensagem',
  tellAll: 'Mensagem a todos',
  to: 'Mensagem para {{name}}',
  toAll: 'Mensagem a todos os conectados',
  text: 'Mensagem',
  send: 'Enviar',
  sent: 'Enviada a {{count}}.',
  title: 'Mensagens dos supervisores',
  read: 'Lida',
};

export const queueAct = {
  of: 'Ações para a fila {{name}}',
  close: 'Fechar agora',
  open: 'Reabrir',
  closed: 'fechada',
  announce: 'Anunciar algo',
  announceHint: 'Todos os que esperam e os que chegarem ouvem esta locução, até que seja retirada.',
  hush: 'Retirar o anúncio',
};

export const limit = {
  title: 'Quando os números alertam',
  hint: 'Guardado nesta máquina. O nível de serviço alerta quando cai abaixo; os demais, a partir do valor.',
  warn: 'amarelo',
  bad: 'vermelho',
};

export const preview = {
  title: 'Contato a chamar',
  left: '{{left}} para decidir',
  attempts: 'Tentativas anteriores',
  dial: 'Ligar agora',
  skip: 'Pular',
  why: 'Por que não',
  reason: 'Motivo',
  again: 'De novo em horas',
  reasons: { unsuitable_hour: 'Horário inadequado', wrong_person: 'Pessoa errada', already_reached: 'Já contatado', other: 'Outro' },
};

export const tape = {
  start: 'Gravar',
  pause: 'Pausar a gravação',
  resume: 'Retomar a gravação',
  state: { recording: 'em gravação', paused: 'gravação pausada', held: 'não guardada', off: 'sem gravação' },
};

export const dial = {
  title: 'Ligar para alguém',
  number: 'Número a chamar',
  call: 'Ligar',
  callBack: 'Ligar para este número',
  rings: 'Seu telefone toca; depois {{number}} é chamado.',
};

export const consented = { given: 'concordou', refused: 'recusou', withdrawn: 'retirou o consentimento' };
