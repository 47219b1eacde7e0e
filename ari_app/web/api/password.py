"""`/session/password`: people of the console, operators among them, choose their own password (X7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from ari_app.ports import Clock
from ari_app.web.api.session import Brakes, Code
from ari_app.web.auth import Authenticator
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import EVERYBODY, Ask, Principal, Route
from ari_app.web.stores import ConsolePasswords, Users

WRONG = "Password or code is wrong."


class PasswordChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password of now, the one from now on, and a code where a second factor is set up."""

    password: Annotated[str, Meta(min_length=1, max_length=256)]
    new_password: Annotated[str, Meta(min_length=12, max_length=256)]
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class PasswordApi:
    """One's own password."""

    users: Users
    operators: ConsolePasswords
    authenticator: Authenticator
    brakes: Brakes
    clock: Clock

    def routes(self) -> list[Route]:
        return [
            Route(
                "PUT",
                "/session/password",
                self.change,
                "Choose a new password; signs out everywhere",
                EVERYBODY,
                body=PasswordChange,
                problems=(409, 429),
            )
        ]

    async def change(self, ask: Ask) -> None:
        who = ask.principal
        if who.csrf is None:
            raise HttpRefusal(409, "Only who signed in to the console has a password.")
        self.brakes.check(ask.request.remote or "", who.name)
        await self._change(who, ask.body)
        self.authenticator.forget()

    async def _change(self, who: Principal, body: PasswordChange) -> None:
        if who.operator is not None:
            if await self.operators.verify_console_password(who.operator, body.password) is None:
                raise HttpRefusal(409, WRONG)
            await self.operators.change_console_password(who.operator, body.new_password)
            return
        if await self.users.verify(who.name, body.password, body.code, now=self.clock.now()) is None:
            raise HttpRefusal(409, WRONG)
        await self.users.change(who.name, password=body.new_password)
