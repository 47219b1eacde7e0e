"""Calls tied to one operator: held for him, or not to be offered to him again."""

from ari_app.model.ids import CallId, OperatorId


class Links:
    """A relation of calls and operators, asked from the operator's side; order is that of adding."""

    def __init__(self) -> None:
        self._calls: dict[OperatorId, dict[CallId, None]] = {}

    def add(self, operator: OperatorId, call: CallId) -> None:
        """Tie a call to an operator; once is enough."""
        self._calls.setdefault(operator, {})[call] = None

    def remove(self, operator: OperatorId, call: CallId) -> None:
        """Untie them; nothing happens if they are not tied."""
        calls = self._calls.get(operator)
        if calls is not None:
            calls.pop(call, None)
            if not calls:
                del self._calls[operator]

    def of(self, operator: OperatorId) -> tuple[CallId, ...]:
        """The calls tied to an operator."""
        return tuple(self._calls.get(operator, ()))
