"""Nobody below the needed level of a needed skill is rung before a relaxation step says so (R1)."""

from ari_app.routing.demand import Demand
from ari_app.routing.operators import Signature

NAME = "skill_level"


def excludes(signature: Signature, demand: Demand) -> str | None:
    """Why no operator of this signature may serve the demand, or None."""
    for skill, least in demand.needs:
        level = signature.level(skill)
        if level <= 0:
            return f"lacks skill {skill}"
        if level < least:
            return f"{skill} at level {level}, needs {least}"
    return None
