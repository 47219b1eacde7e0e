"""FastAGI: short dialogues that the dialplan asks for, such as the codes operators dial."""

from __future__ import annotations

from ari_app.asterisk.agi.protocol import AgiRefused, AgiRequest, CallerGone
from ari_app.asterisk.agi.server import AgiLimits, AgiServer
from ari_app.asterisk.agi.session import AgiSession

__all__ = ["AgiLimits", "AgiRefused", "AgiRequest", "AgiServer", "AgiSession", "CallerGone"]
