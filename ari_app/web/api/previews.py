"""`/operators/{extension}/preview`: the contact an operator is shown before the call (O2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from ari_app.campaigns.ports import Preview, PreviewDesk
from ari_app.model.ids import AttemptId
from ari_app.ports import NotFound, OperatorDesk
from ari_app.web.api.operators import visible
from ari_app.web.route import LEADERS_AND_SELF, STAFF_AND_SELF, Ask, Route
from ari_app.web.views import Time, rfc3339

Attempt = Annotated[str, Meta(min_length=1, max_length=80)]
Reason = Annotated[str, Meta(min_length=1, max_length=200)]
Again = Annotated[float, Meta(ge=60, le=90 * 86_400)]


class AcceptIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The attempt that is shown: an answer that comes too late must not dial the next one."""

    attempt: Attempt


class SkipIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why it is passed over, and when it comes again."""

    attempt: Attempt
    reason: Reason
    again_s: Again = 3600.0


class PreviewOut(msgspec.Struct, frozen=True):
    """The contact: number, name, the list's other columns. Undecided by `until`, it is passed over."""

    attempt: str
    campaign: str
    operator: str
    number: str
    name: str
    data: dict[str, str]
    attempts: int
    since: Time
    until: Time


@dataclass(frozen=True, slots=True)
class PreviewsApi:
    """Operators decide about their own contact, leaders about everybody's."""

    desk: OperatorDesk
    previews: PreviewDesk

    def routes(self) -> list[Route]:
        one = "/operators/{extension}/preview"
        return [
            Route("GET", one, self.preview, "The contact this operator is shown now", STAFF_AND_SELF,
                  answer=PreviewOut, problems=(404,)),
            Route("POST", f"{one}/accept", self.accept, "Dial it", LEADERS_AND_SELF,
                  body=AcceptIn, answer=PreviewOut, problems=(404, 409)),
            Route("POST", f"{one}/skip", self.skip, "Pass it over, with a reason", LEADERS_AND_SELF,
                  body=SkipIn, answer=PreviewOut, problems=(404, 409)),
        ]  # fmt: skip

    async def preview(self, ask: Ask) -> PreviewOut:
        operator = visible(self.desk, ask).operator.id
        shown = self.previews.pending(operator)
        if shown is None:
            raise NotFound(f"operator {operator} is shown no contact")
        return preview_out(shown)

    async def accept(self, ask: Ask) -> PreviewOut:
        operator, body = visible(self.desk, ask).operator.id, ask.body
        return preview_out(self.previews.accept(operator, AttemptId(body.attempt)))

    async def skip(self, ask: Ask) -> PreviewOut:
        operator, body = visible(self.desk, ask).operator.id, ask.body
        return preview_out(self.previews.skip(operator, AttemptId(body.attempt), body.reason, body.again_s))


def preview_out(shown: Preview) -> PreviewOut:
    """A contact as the API shows it."""
    fields = msgspec.structs.asdict(shown)
    return PreviewOut(**fields | {"since": rfc3339(shown.since), "until": rfc3339(shown.until)})
