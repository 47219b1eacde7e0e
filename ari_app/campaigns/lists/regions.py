"""Time zones of Brazilian states and postal codes, named as the numbering plan's data names them."""

from __future__ import annotations

import re

SAO_PAULO, MANAUS = "America/Sao_Paulo", "America/Manaus"
RIO_BRANCO, NORONHA = "America/Rio_Branco", "America/Noronha"

STATES = {
    **dict.fromkeys(
        ("AL", "AP", "BA", "CE", "DF", "ES", "GO", "MA", "MG", "PA", "PB", "PE", "PI", "PR"), SAO_PAULO
    ),
    **dict.fromkeys(("RJ", "RN", "RS", "SC", "SE", "SP", "TO"), SAO_PAULO),
    **dict.fromkeys(("AM", "MS", "MT", "RO", "RR"), MANAUS),
    "AC": RIO_BRANCO,
}
"""By federative unit. The far west of Amazonas (UTC-5) is known by its numbers, not by its state."""

_POSTAL = (
    (53990, 53990, NORONHA),
    (69000, 69899, MANAUS),
    (69900, 69999, RIO_BRANCO),
    (76800, 76999, MANAUS),
    (78000, 78899, MANAUS),
    (79000, 79999, MANAUS),
    (1000, 99999, SAO_PAULO),
)
"""First five digits of the CEP, from and to; the first range that fits holds (Correios)."""


def zone_of_state(text: str) -> str | None:
    """The zone of a state's two letters (`BR-AM`, `am`); None: no such state."""
    return STATES.get(text.strip().upper().removeprefix("BR-"))


def zone_of_postal_code(text: str) -> str | None:
    """The zone of a CEP; seven digits have lost their leading zero to a spreadsheet."""
    digits = re.sub(r"[^0-9]", "", text)
    if len(digits) not in (7, 8):
        return None
    first = int(digits.zfill(8)[:5])
    return next((zone for start, end, zone in _POSTAL if start <= first <= end), None)
