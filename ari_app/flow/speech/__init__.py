"""Say numbers, money, dates, times and letters: values in, prompt ids out.

Pure rules; the sounds are in `sounds/<language>/`. Raises `UnspeakableError` for what has no words.
"""

from ari_app.flow.speech.clips import Clip, Gender, UnspeakableError
from ari_app.flow.speech.say import (
    LANGUAGES,
    VOCABULARIES,
    say_date,
    say_digits,
    say_duration,
    say_money,
    say_number,
    say_ordinal,
    say_phone,
    say_position,
    say_protocol,
    say_spelled,
    say_time,
    say_waiting_time,
    text_of,
)

__all__ = [
    "LANGUAGES",
    "VOCABULARIES",
    "Clip",
    "Gender",
    "UnspeakableError",
    "say_date",
    "say_digits",
    "say_duration",
    "say_money",
    "say_number",
    "say_ordinal",
    "say_phone",
    "say_position",
    "say_protocol",
    "say_spelled",
    "say_time",
    "say_waiting_time",
    "text_of",
]
