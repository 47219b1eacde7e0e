"""Who sits at which phone: everybody at the own one, until somebody signs in at another (hot-desk)."""

from __future__ import annotations

from ari_app.model.ids import OperatorId


class Seats:
    """The dispatcher decides who sits where; this only remembers it, both ways."""

    def __init__(self) -> None:
        self._phone: dict[OperatorId, OperatorId] = {}
        self._guest: dict[OperatorId, OperatorId] = {}

    def sit(self, operator: OperatorId, phone: OperatorId | None) -> None:
        """None, or the own extension: at the own phone."""
        before = self._phone.pop(operator, None)
        if before is not None:
            self._guest.pop(before, None)
        if phone is not None and phone != operator:
            self._phone[operator] = phone
            self._guest[phone] = operator

    def phone_of(self, operator: OperatorId) -> OperatorId:
        """The extension of the phone that rings for this operator."""
        return self._phone.get(operator, operator)

    def operator_at(self, phone: OperatorId) -> OperatorId | None:
        """Who sits at this phone; None while its own operator sits elsewhere and nobody came instead."""
        guest = self._guest.get(phone)
        if guest is not None:
            return guest
        return None if phone in self._phone else phone
