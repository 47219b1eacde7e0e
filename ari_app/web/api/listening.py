"""`/listening-lists`: recordings in an order with notes, for training (S5); shared ones open to operators."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Annotated, Protocol

import msgspec
from aiohttp import web
from msgspec import UNSET, Meta, UnsetType

from ari_app.model.ids import DEFAULT_CLIENT, ClientId, RecordingId
from ari_app.model.listening import ListeningItem, ListeningList
from ari_app.ports import NotFound, RecordingAudio
from ari_app.web.api.inputs import Key, Name, Text
from ari_app.web.audio import send_audio
from ari_app.web.problems import HttpRefusal
from ari_app.web.route import LEADERS, STAFF_AND_SELF, Ask, Route
from ari_app.web.stores import Recordings
from ari_app.web.views import Listing, Time, rfc3339

Remark = Annotated[str, Meta(max_length=2000)]
Second = Annotated[float, Meta(ge=0, le=86_400)]


class Lists(Protocol):
    """Listening lists in the store."""

    async def put_list(self, made: ListeningList) -> None: ...

    async def lists(
        self, client: ClientId | None = None, *, shared_only: bool = False
    ) -> list[ListeningList]: ...

    async def list(self, ident: str) -> ListeningList | None: ...

    async def drop_list(self, ident: str) -> None: ...


class ItemIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A recording, or a part of one, and what to listen for."""

    recording_id: Text
    note: Remark = ""
    from_s: Second = 0.0
    until_s: Second | None = None


Items = Annotated[list[ItemIn], Meta(max_length=500)]


class ListIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new list; `shared`: operators may hear what is on it."""

    name: Name
    purpose: Remark = ""
    shared: bool = False
    items: Items = []
    client: Key | None = None


class ListPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What changes; `items` replaces all, in the new order."""

    name: Name | UnsetType = UNSET
    purpose: Remark | UnsetType = UNSET
    shared: bool | UnsetType = UNSET
    items: Items | UnsetType = UNSET


class ItemOut(msgspec.Struct, frozen=True):
    """One place of a list; `number` is in its audio's address."""

    number: int
    recording_id: str
    note: str
    from_s: float
    until_s: float | None


class ListOut(msgspec.Struct, frozen=True):
    """A listening list."""

    id: str
    client: str
    name: str
    purpose: str
    shared: bool
    by: str
    created_at: Time
    changed_at: Time
    items: list[ItemOut]


def list_out(made: ListeningList) -> ListOut:
    """A list as the API shows it."""
    items = [
        ItemOut(number, item.recording, item.note, item.from_s, item.until_s)
        for number, item in enumerate(made.items, 1)
    ]
    return ListOut(
        made.id,
        made.client,
        made.name,
        made.purpose,
        made.shared,
        made.by,
        rfc3339(made.created_at),
        rfc3339(made.changed_at),
        items,
    )


@dataclass(frozen=True, slots=True)
class ListeningApi:
    """Lists; operators see those that are shared."""

    lists: Lists
    archive: Recordings
    audio: RecordingAudio

    def routes(self) -> list[Route]:
        path, one = "/listening-lists", "/listening-lists/{id}"
        out = ListOut
        return [
            Route("GET", path, self.all, "Listening lists", STAFF_AND_SELF, answer=Listing[ListOut]),
            Route("POST", path, self.make, "Make a list", LEADERS, body=ListIn, answer=out, status=201),
            Route("GET", one, self.one, "One list", STAFF_AND_SELF, answer=out, problems=(404,)),
            Route(
                "PATCH",
                one,
                self.change,
                "Change a list, or its order",
                LEADERS,
                body=ListPatch,
                answer=out,
                problems=(404,),
            ),
            Route("DELETE", one, self.drop, "Delete a list; the recordings stay", LEADERS, problems=(404,)),
            Route(
                "GET",
                f"{one}/items/{{number}}/audio",
                self.send_audio,
                "Hear one place of a list; byte ranges are served",
                STAFF_AND_SELF,
                media_type="audio/wav",
                problems=(404, 409, 416),
                audited=True,
                timeout_s=None,
            ),
        ]

    async def all(self, ask: Ask) -> Listing[ListOut]:
        mine = await self.lists.lists(ask.principal.client, shared_only=ask.principal.role == "operator")
        return Listing([list_out(made) for made in mine])

    async def one(self, ask: Ask) -> ListOut:
        return list_out(await self._visible(ask))

    async def make(self, ask: Ask) -> ListOut:
        body: ListIn = ask.body
        client = ClientId(body.client) if body.client else ask.principal.client or DEFAULT_CLIENT
        if not ask.principal.owns(client):
            raise HttpRefusal(403, "Your access is bound to another client.")
        made = ListeningList(
            id=secrets.token_hex(8),
            name=body.name,
            by=ask.principal.name,
            created_at=ask.now,
            client=client,
            purpose=body.purpose,
            shared=body.shared,
            items=await self._items(body.items, client),
            changed_at=ask.now,
        )
        await self.lists.put_list(made)
        return list_out(made)

    async def change(self, ask: Ask) -> ListOut:
        made, body = await self._visible(ask), ask.body
        changes = {k: v for k, v in msgspec.structs.asdict(body).items() if v is not UNSET}
        if body.items is not UNSET:
            changes["items"] = await self._items(body.items, made.client)
        made = msgspec.structs.replace(made, **changes, changed_at=ask.now)
        await self.lists.put_list(made)
        return list_out(made)

    async def drop(self, ask: Ask) -> None:
        await self.lists.drop_list((await self._visible(ask)).id)

    async def send_audio(self, ask: Ask) -> web.StreamResponse:
        made, number = await self._visible(ask), ask.path["number"]
        place = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
        if not 1 <= place <= len(made.items):
            raise NotFound(f"list {made.id} has no place {number[:20]}")
        recording = await self.archive.recording(made.items[place - 1].recording)
        if recording is None or recording.client != made.client:
            raise NotFound(f"the recording at place {place} is gone")
        return await send_audio(ask, self.audio, recording)

    async def _items(self, items: list[ItemIn], client: ClientId) -> tuple[ListeningItem, ...]:
        """Only recordings of the same client: a list must not lead to another's."""
        made = []
        for item in items:
            recording = await self.archive.recording(RecordingId(item.recording_id))
            if recording is None or recording.client != client:
                raise HttpRefusal(422, f"items: recording {item.recording_id} does not exist")
            if item.until_s is not None and item.until_s <= item.from_s:
                raise HttpRefusal(422, f"items: {item.recording_id} ends at {item.until_s} before it begins")
            made.append(ListeningItem(recording.id, item.note, item.from_s, item.until_s))
        return tuple(made)

    async def _visible(self, ask: Ask) -> ListeningList:
        ident = ask.path["id"]
        made = await self.lists.list(ident)
        if made is None or (ask.principal.role == "operator" and not made.shared):
            raise NotFound(f"list {ident} does not exist")
        ask.principal.must_own(made.client, f"list {ident}")
        return made
