"""What people and machines say when they answer, in the product's three languages."""

from __future__ import annotations

VOICES = {
    "pt-BR": ("pf_dora", "pm_alex", "pm_santa"),
    "es": ("ef_dora", "em_alex", "em_santa"),
    "en": ("af_heart", "am_michael"),
}
PEOPLE = {
    "pt-BR": (
        "Alô?",
        "Oi.",
        "Alô, quem fala?",
        "Pronto.",
        "Alô, bom dia.",
        "Sim?",
        "Fala.",
        "Oi, pode falar.",
        "Alô, é a Maria.",
        "Padaria São José, boa tarde.",
    ),
    "es": (
        "¿Hola?",
        "¿Sí?",
        "Diga.",
        "¿Bueno?",
        "Hola, ¿quién habla?",
        "Dígame.",
        "Aló.",
        "Sí, buenos días.",
        "Hola, soy Carmen.",
        "Farmacia Central, buenas tardes.",
    ),
    "en": (
        "Hello?",
        "Hi.",
        "Yes?",
        "Hello, who is this?",
        "Good morning.",
        "Speaking.",
        "Hello, this is Anna.",
        "Yeah?",
        "Smith residence.",
        "Green Garden Flowers, good afternoon.",
    ),
}
MACHINES = {
    "pt-BR": (
        "Você ligou para a caixa postal de nove, oito, sete, seis. Deixe seu recado após o sinal.",
        "Olá, aqui é a Maria. No momento não posso atender. Deixe a sua mensagem depois do bip.",
        (
            "Sua chamada está sendo encaminhada para a caixa de mensagens e estará sujeita a cobrança "
            "após o sinal."
        ),
        "O número chamado está desligado ou fora da área de cobertura. Por favor, deixe uma mensagem.",
        "Oi! Eu não estou em casa agora. Ligo de volta assim que puder. Obrigado.",
        "Esta é a secretária eletrônica da família Souza. Fale após o sinal, por favor.",
    ),
    "es": (
        "Este es el buzón de voz de nueve, ocho, siete, seis. Deje su mensaje después del tono.",
        "Hola, soy Carmen. Ahora no puedo contestar. Deja tu mensaje después de la señal.",
        "La persona a la que llama no está disponible. Por favor, deje un mensaje.",
        "El teléfono marcado se encuentra apagado o fuera de cobertura. Deje su mensaje al oír la señal.",
        "Hola, no estamos en casa. Deje su nombre y su número y le llamaremos pronto. Gracias.",
        "Ha llamado a la familia García. Hable después del tono, por favor.",
    ),
    "en": (
        "The person you are calling is not available. Please leave a message after the tone.",
        "Hi, this is Anna. I can't come to the phone right now. Leave a message and I'll call you back.",
        "You have reached the voice mailbox of nine, eight, seven, six. Record your message at the tone.",
        "Your call has been forwarded to an automated voice messaging system.",
        "Hello, we are not at home. Please leave your name and number after the beep. Thank you.",
        "This is the Smith family. We are out. Talk after the beep, please.",
    ),
}
