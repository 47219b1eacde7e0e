"""Keep README's table of proven FEATURES rows true: each row with the tests named after it, nothing unproved.

Without arguments it rewrites the table; with `--check` it says whether it is true (exit status 1: it is not).
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
BEGIN, END = "<!-- rows: made by scripts/rows.py -->", "<!-- end of rows -->"
TEST = re.compile(r"^\s*(?:async )?def test_([A-Z]\d+)_(\w+)", re.MULTILINE)
ROW = re.compile(r"^\| ([A-Z]\d+) \| (.+?) \|$", re.MULTILINE)
REAL = ("tests/e2e", "tests/chaos", "tests/contract", "tests/pbx")
LONGEST = 110


def proofs() -> dict[str, list[tuple[str, str]]]:
    """Row → its tests as (folder, what the test says)."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        folder = file.relative_to(ROOT).parent.as_posix()
        for row, words in TEST.findall(file.read_text(encoding="utf-8")):
            found[row].append((folder, words.replace("_", " ")))
    return found


def table() -> str:
    """The Markdown table."""
    rows = dict(ROW.findall((ROOT / "docs" / "features.md").read_text(encoding="utf-8")))
    proven = proofs()
    unknown = sorted(set(proven) - set(rows))
    if unknown:
        raise SystemExit(f"tests are named after rows that docs/features.md does not have: {unknown}")
    lines = ["| row | shown by tests | on a real Asterisk | for example |", "|---|---|---|---|"]
    for row in rows:
        if tests := proven.get(row):
            real = sum(folder.startswith(REAL) for folder, _ in tests)
            example = next((words for folder, words in tests if folder.startswith(REAL)), tests[0][1])
            lines.append(f"| {row} | {len(tests)} | {real or ''} | {example[:LONGEST]} |")
    return "\n".join(lines)


def main() -> int:
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    made = f"{before}{BEGIN}\n{table()}\n{END}{after}"
    if made == text:
        return 0
    if "--check" in sys.argv:
        print("README's table of rows is not true any more: run `python scripts/rows.py`")
        return 1
    README.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
