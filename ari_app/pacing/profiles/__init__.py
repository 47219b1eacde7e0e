"""Legal profiles by name; a new one is one file here, listed below, and its table of cases."""

from types import MappingProxyType

from ari_app.pacing.law import LegalProfile
from ari_app.pacing.profiles.brazil import BRAZIL
from ari_app.pacing.profiles.eu import EU
from ari_app.pacing.profiles.uk import UK
from ari_app.pacing.profiles.us import US

__all__ = ["BRAZIL", "EU", "PROFILES", "UK", "US", "profile_named"]

PROFILES = MappingProxyType({profile.name: profile for profile in (BRAZIL, US, UK, EU)})


def profile_named(name: str) -> LegalProfile:
    """The profile with this name.

    Raises:
        ValueError: no such profile; the message lists those there are.

    """
    try:
        return PROFILES[name]
    except KeyError:
        raise ValueError(f"legal profile {name!r} is not one of {', '.join(PROFILES)}") from None
