"""Where simulators of others plug into the shipped cores; `benchmarks/README.md` documents the calls.

Importable with the repository's root on the path and the project's virtual environment, nothing else running.
"""

from benchmarks.outside_pacing import Pacing
from benchmarks.outside_routing import Routing

__all__ = ["Pacing", "Routing"]
