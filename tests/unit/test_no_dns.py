"""Names cannot be resolved any more: look-ups give up in their time and hold up nobody else (X2)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from demo.plan import REPOSITORY
from pbx.patience import PATIENCE_S

CHILD = REPOSITORY / "tests" / "support" / "no_dns.py"


def test_X2_a_name_server_that_says_nothing_ends_look_ups_in_their_time_and_blocks_no_other_work(
    tmp_path: Path,
) -> None:
    conf = tmp_path / "resolv.conf"
    conf.write_text("nameserver 127.0.0.66\noptions timeout:30 attempts:1\n", encoding="ascii")
    inside = 'ip link set lo up && mount --bind "$1" /etc/resolv.conf && shift && exec "$@"'
    argv = ["unshare", "--user", "--map-root-user", "--mount", "--net", "sh", "-c", inside, "sh", str(conf)]
    argv += [sys.executable, str(CHILD)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=2 * PATIENCE_S, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said == {"free": True, "ok": False, "error": "timeout"}
