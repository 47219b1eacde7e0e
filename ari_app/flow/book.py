"""The flows that are live, and every earlier version that a call in progress still needs."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ari_app.flow.flow import Flow
from ari_app.flow.site import EMPTY_SITE, Site
from ari_app.model.ids import FlowId, FlowVersion


class FlowBook(msgspec.Struct, frozen=True):
    """Immutable: publishing makes a new book, calls in progress find their versions in it."""

    current: dict[FlowId, FlowVersion] = {}
    flows: dict[tuple[FlowId, FlowVersion], Flow] = {}
    site: Site = EMPTY_SITE

    @classmethod
    def of(cls, flows: Iterable[Flow], site: Site = EMPTY_SITE) -> FlowBook:
        """A book of these flows, each its own current version."""
        all_flows = tuple(flows)
        return cls(
            {flow.id: flow.version for flow in all_flows},
            {(flow.id, flow.version): flow for flow in all_flows},
            site,
        )

    def flow(self, flow_id: FlowId, version: FlowVersion | None = None) -> Flow | None:
        """A flow by version, or the live one; None: not in the book."""
        wanted = self.current.get(flow_id) if version is None else version
        return None if wanted is None else self.flows.get((flow_id, wanted))

    def with_flow(self, flow: Flow, *, live: bool = True) -> FlowBook:
        """The book with one more version, live or only kept."""
        flows = self.flows | {(flow.id, flow.version): flow}
        current = self.current | {flow.id: flow.version} if live else self.current
        return FlowBook(current, flows, self.site)

    def with_site(self, site: Site) -> FlowBook:
        """The book with another configuration of queues and calendars."""
        return FlowBook(self.current, self.flows, site)

    def without_flow(self, flow_id: FlowId) -> FlowBook:
        """No new call comes in by this flow; its versions stay for those in progress."""
        current = {name: version for name, version in self.current.items() if name != flow_id}
        return FlowBook(current, self.flows, self.site)

    def keeping(self, needed: Iterable[tuple[FlowId, FlowVersion]]) -> FlowBook:
        """The book without the versions that are neither live nor needed."""
        keep = set(needed) | set(self.current.items())
        return FlowBook(
            self.current, {key: flow for key, flow in self.flows.items() if key in keep}, self.site
        )

    def pins(self, flow: Flow) -> dict[FlowId, FlowVersion]:
        """The live versions of all flows that this one may call, directly or not."""
        pinned: dict[FlowId, FlowVersion] = {}
        todo = list(flow.subflows)
        while todo:
            name = todo.pop()
            called = self.flow(name)
            if called is not None and name not in pinned:
                pinned[name] = called.version
                todo.extend(called.subflows)
        return pinned
