"""Run Asterisk for Ramal: choose how, render its configuration, start, watch and stop it.

Everything but `tones`, `music` and `telco` needs the standard library only, because the PBX is set up before
the virtual environment is:

    backend = choose(state_dir)
    backend.prepare()
    running = start(backend, ramal(Site(home, Ports(), Secrets.generate(), recordings)))
    running.cli("core show uptime")
    running.stop()
"""

from pbx.backend import Backend, PbxError
from pbx.choice import choose
from pbx.instance import Instance, Ports, Secrets, Site, ramal
from pbx.running import Running, start

__all__ = [
    "Backend",
    "Instance",
    "PbxError",
    "Ports",
    "Running",
    "Secrets",
    "Site",
    "choose",
    "ramal",
    "start",
]
