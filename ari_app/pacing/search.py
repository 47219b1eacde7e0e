"""Finds the largest number whose risk is affordable, with as few evaluations of the risk as possible."""

import math


class Search:
    """Root search on a risk that grows with the number; numbers from 1 to `most`.

    Ask `next()` for a number to evaluate, tell `saw()` its risk, until `next()` is None; then `fine`
    is the answer (0 when even one is too many) and `risk_beyond` the risk of the first too many seen.
    Beyond twenty, an answer within one twentieth is good enough: the next second corrects it.
    """

    def __init__(self, most: int, guess: int, allowed: float) -> None:
        self._most, self._allowed = most, allowed
        self._guess = max(1, min(guess, most))
        self._log_allowed = math.log(max(allowed, 1e-12))
        self.fine, self._fine_log = 0, -math.inf
        self._bad, self._bad_log = most + 1, math.inf
        self.risk_beyond = 0.0
        self._step = 2

    def next(self) -> int | None:
        """The next number worth evaluating."""
        room = self._bad - self.fine
        if room <= 1 + self.fine // 20:
            return None
        if self.fine == 0 and self._bad > self._most:
            return self._guess
        self._step = 2 * self._step
        if self._bad > self._most:
            trial = self.fine + max(self._step, self.fine // 8)
        elif self.fine == 0:
            trial = self._bad // 2
        else:
            slope = (self._bad_log - self._fine_log) / room
            trial = self.fine + round((self._log_allowed - self._fine_log) / slope) if slope > 0.0 else 0
        return min(self._bad - 1, max(self.fine + 1, trial))

    def saw(self, number: int, risk: float) -> None:
        """The risk of this number."""
        log_risk = math.log(max(risk, 1e-12))
        if risk <= self._allowed:
            self.fine, self._fine_log = number, log_risk
        else:
            self._bad, self._bad_log, self.risk_beyond = number, log_risk, risk
