"""Ask the calendar."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ari_app.flow.kinds import CalendarName, Doc, VariableName
from ari_app.flow.node import Exit, Leave, Node, Step
from ari_app.flow.opening import next_opening, standing
from ari_app.flow.turn import FlowError, Turn
from ari_app.model.facts import BranchDecided


class HoursNode(Node, frozen=True, kw_only=True):
    """Goes by whether a calendar is open now, in the calendar's own time zone.

    `holiday` is for public holidays and own closures on days that are open otherwise.
    """

    EXITS: ClassVar[tuple[Exit, ...]] = (
        Exit("open", "The calendar is open."),
        Exit("closed", "It is closed."),
        Exit("holiday", "It is closed because of a holiday or an own closure.", like="closed"),
    )
    WAITS: ClassVar[bool] = False
    TEXT_VARIABLES: ClassVar[tuple[str, ...]] = ("reopens_date", "reopens_time")
    EXAMPLE: ClassVar[str] = """
    are-we-open:
      type: hours
      calendar: office
      on:
        open: first-menu
        closed: closed-message
    """

    calendar: Annotated[CalendarName, Doc("The calendar.")]
    reopens_date: Annotated[VariableName | None, Doc("Text variable for the day of the next opening.")] = None
    reopens_time: Annotated[VariableName | None, Doc("Text variable for its time, `08:00`.")] = None

    def enter(self, turn: Turn) -> Step:
        calendar = turn.site.calendars.get(self.calendar)
        if calendar is None:
            raise FlowError(f"no calendar `{self.calendar}`")
        found = standing(calendar, turn.now)
        turn.tell(BranchDecided(turn.placed.id, f"calendar {self.calendar}", found))
        if found != "open" and (self.reopens_date or self.reopens_time):
            opening = next_opening(calendar, turn.now)
            if opening is not None and self.reopens_date:
                turn.set(self.reopens_date, opening.date().isoformat())
            if opening is not None and self.reopens_time:
                turn.set(self.reopens_time, opening.strftime("%H:%M"))
        return Leave(found)
