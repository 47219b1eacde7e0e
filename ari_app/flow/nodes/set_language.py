"""Choose the language of all later prompts."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from ari_app.flow.kinds import Doc, LanguageCode, Needs
from ari_app.flow.node import Leave, Node, Step
from ari_app.flow.turn import Turn
from ari_app.model.ids import Language


class SetLanguageNode(Node, frozen=True, kw_only=True):
    """Sets the language of all later prompts, and the skill an operator needs to speak it."""

    WAITS: ClassVar[bool] = False
    EXAMPLE: ClassVar[str] = """
    english:
      type: set_language
      language: en
      needs: {english: 1}
      next: main-menu
    """

    language: Annotated[LanguageCode, Doc("The language from here on.")]
    needs: Annotated[Needs, Doc("Skills that every operator for this caller must have from now on.")] = (
        msgspec.field(default_factory=dict)
    )

    def enter(self, turn: Turn) -> Step:
        turn.change(language=Language(self.language))
        turn.need(self.needs)
        return Leave()
