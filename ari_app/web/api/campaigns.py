"""`/campaigns`: create, change also while they run, start, pause, stop, figures, attempts (O2, O12, O15)."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Protocol

import msgspec
from msgspec import Meta

from ari_app.campaigns.ports import AttemptBook, CampaignBook, CampaignDesk
from ari_app.model.campaign import Attempt, Campaign, CampaignStatus
from ari_app.model.ids import DEFAULT_CLIENT, CampaignId, ClientId, ContactId, ImportId
from ari_app.ports import NotFound, Page
from ari_app.web.api.inputs import Paged
from ari_app.web.campaign_inputs import CampaignIn, CampaignPatch, changes_of, mistakes
from ari_app.web.campaign_views import (
    AttemptOut,
    CampaignOut,
    StatsOut,
    StatusOut,
    attempt_out,
    campaign_out,
    stats_out,
    status_out,
)
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import LEADERS, READERS, Ask, Route
from ari_app.web.views import Listing

DAY_S = 86_400.0
Result = Literal[
    "dialing",
    "connected",
    "no_answer",
    "busy",
    "machine",
    "failed",
    "abandoned",
    "callback",
    "invalid_number",
    "do_not_call",
    "unknown",
    "withdrawn",
    "skipped",
]


class Attempts(Protocol):
    """Attempts as people read them."""

    async def attempts(
        self,
        campaign: CampaignId,
        *,
        contact: ContactId | None = None,
        result: str | None = None,
        dropped: bool = False,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Attempt]: ...


class Book(CampaignBook, Protocol):
    """Campaigns as people make and delete them."""

    async def delete_campaign(self, campaign: CampaignId) -> list[ImportId]:
        """One that never dialled, with contacts and imports; gives the imports.

        Raises `NotFound`; `IllegalTransition` while it runs or is imported into, and once it has attempts.
        """
        ...


class Lists(Protocol):
    """Files of imported lists."""

    async def forget(self, imports: Sequence[ImportId]) -> None: ...


class CampaignQuery(Paged, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a list of campaigns is narrowed to."""

    status: CampaignStatus | None = None


class AttemptQuery(Paged, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a list of attempts is narrowed to; `dropped`: those with evidence of a drop."""

    result: Result | None = None
    contact: Annotated[int, Meta(ge=1, le=2**53)] | None = None
    dropped: bool = False


async def visible(book: CampaignBook, ask: Ask) -> Campaign:
    """The campaign of the path. Raises `NotFound`, also for what is another client's."""
    ident = ask.path["id"]
    campaign = await book.campaign(CampaignId(ident))
    if campaign is None:
        raise NotFound(f"campaign {ident} does not exist")
    ask.principal.must_own(campaign.client, f"campaign {ident}")
    return campaign


def client_for(ask: Ask, wanted: str | None) -> ClientId:
    """Whose a new thing is. Raises `HttpRefusal` for another client's."""
    own = ask.principal.client
    if wanted is not None and own is not None and wanted != own:
        raise HttpRefusal(403, "Your access is bound to another client.")
    return ClientId(wanted) if wanted is not None else own or DEFAULT_CLIENT


@dataclass(frozen=True, slots=True)
class CampaignsApi:
    """Campaigns; their running side is the desk's."""

    book: Book
    attempts_of: Attempts
    counts: AttemptBook
    desk: CampaignDesk
    lists: Lists

    def routes(self) -> list[Route]:
        one = "/campaigns/{id}"
        acts: tuple[tuple[str, Callable[[Ask], Awaitable[StatusOut]], str], ...] = (
            ("start", self.start, "Start a draft, a stopped or a finished campaign"),
            ("pause", self.pause, "Dial nobody more; who rings or talks goes on"),
            ("resume", self.resume, "Go on after a pause"),
            ("stop", self.stop, "Stop dialling within a second; tells what still rings"),
        )
        return [
            Route("GET", "/campaigns", self.campaigns, "Campaigns, newest first", READERS,
                  query=CampaignQuery, answer=Listing[CampaignOut]),
            Route("POST", "/campaigns", self.create, "Create a campaign, as a draft", LEADERS,
                  body=CampaignIn, answer=CampaignOut, status=201),
            Route("GET", one, self.campaign, "One campaign", READERS, answer=CampaignOut, problems=(404,)),
            Route("PATCH", one, self.change, "Change a campaign, also while it runs", LEADERS,
                  body=CampaignPatch, answer=CampaignOut, problems=(404, 409)),
            Route("DELETE", one, self.delete, "Delete a campaign that never dialled, with its list", LEADERS,
                  problems=(404, 409)),
            *(
                Route("POST", f"{one}/{name}", act, summary, LEADERS, answer=StatusOut, problems=(404, 409))
                for name, act, summary in acts
            ),
            Route("GET", f"{one}/stats", self.stats, "Figures, now and since its start", READERS,
                  answer=StatsOut, problems=(404,)),
            Route("GET", f"{one}/attempts", self.attempts, "Attempts, newest first", READERS,
                  query=AttemptQuery, answer=Listing[AttemptOut], problems=(404,)),
        ]  # fmt: skip

    async def campaigns(self, ask: Ask) -> Listing[CampaignOut]:
        query: CampaignQuery = ask.query
        page = await self.book.campaigns(
            client=ask.principal.client, status=query.status, cursor=query.cursor, limit=query.limit
        )
        return Listing([campaign_out(campaign) for campaign in page.items], page.next)

    async def campaign(self, ask: Ask) -> CampaignOut:
        return campaign_out(await visible(self.book, ask))

    async def create(self, ask: Ask) -> CampaignOut:
        wanted: CampaignIn = ask.body
        campaign = Campaign(
            id=CampaignId(uuid.uuid4().hex[:12]),
            client=client_for(ask, wanted.client),
            created_at=ask.now,
            changed_at=ask.now,
            **changes_of(wanted),
        )
        _check(campaign)
        await self.book.add_campaign(campaign)
        return campaign_out(campaign)

    async def change(self, ask: Ask) -> CampaignOut:
        campaign = await visible(self.book, ask)
        changed = msgspec.structs.replace(campaign, changed_at=ask.now, **changes_of(ask.body))
        _check(changed)
        written = await self.book.replace_campaign(changed)
        await self.desk.changed(written)
        return campaign_out(written)

    async def delete(self, ask: Ask) -> None:
        campaign = await visible(self.book, ask)
        await self.lists.forget(await self.book.delete_campaign(campaign.id))

    async def start(self, ask: Ask) -> StatusOut:
        return await self._act(ask, self.desk.start)

    async def pause(self, ask: Ask) -> StatusOut:
        return await self._act(ask, self.desk.pause)

    async def resume(self, ask: Ask) -> StatusOut:
        return await self._act(ask, self.desk.resume)

    async def stop(self, ask: Ask) -> StatusOut:
        return await self._act(ask, self.desk.stop)

    async def _act(self, ask: Ask, act: Any) -> StatusOut:
        campaign = await visible(self.book, ask)
        moved = await act(campaign.id, by=ask.principal.name)
        return status_out(moved, self.desk.live(campaign.id))

    async def stats(self, ask: Ask) -> StatsOut:
        campaign = await visible(self.book, ask)
        counts = await self.counts.counts(campaign.id, ask.now)
        tallies = await self.counts.tallies(campaign.id, ask.now - DAY_S)
        return stats_out(campaign, counts, tallies, self.desk.live(campaign.id), ask.now)

    async def attempts(self, ask: Ask) -> Listing[AttemptOut]:
        campaign, query = await visible(self.book, ask), ask.query
        page = await self.attempts_of.attempts(
            campaign.id,
            contact=None if query.contact is None else ContactId(query.contact),
            result=query.result,
            dropped=query.dropped,
            cursor=query.cursor,
            limit=query.limit,
        )
        return Listing([attempt_out(attempt) for attempt in page.items], page.next)


def _check(campaign: Campaign) -> None:
    wrong = list(mistakes(campaign))
    if wrong:
        told = "; ".join(f"{one['path'][2:]}: {one['message']}" for one in wrong)
        raise HttpRefusal(422, told, errors=wrong)
