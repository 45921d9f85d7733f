"""Writes the table of `docs/operators/performance.md` from the stored results: `python -m benchmarks.report`.

Only the text between the two markers is replaced; the text around it is written by hand.
"""

import argparse
import json
import os
import platform
import sqlite3
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.figures import KEPT, Row, table

DOCUMENT = Path("docs/operators/performance.md")
BEGIN, END = "<!-- figures: written by `make bench` -->", "<!-- end of figures -->"
_NEW = f"# Performance\n\n{BEGIN}\n{END}\n"


def machine() -> str:
    """A description of the machine that does not identify it."""
    file = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in file.read_text().splitlines() if line.startswith("model name")]
    kind = names[0] if names else platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} × {kind}, {memory:.0f} GiB of memory, {platform.system()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


def section(parts: Sequence[dict[str, Any]]) -> str:
    """The text between the markers."""
    days = sorted({time.strftime("%Y-%m-%d", time.gmtime(part["at"])) for part in parts})
    loads = [part["load"] for part in parts]
    rows = [[Row(**row) for row in part["rows"]] for part in parts]
    aims = [row.met for one in rows for row in one if row.met is not None]
    day = " to ".join(dict.fromkeys((days[0], days[-1])))
    summary = (
        f"Measured on {day}: {machine()}. Load average of the last minute at the end of each part: {min(loads):.1f} "
        f"to {max(loads):.1f}, including the benchmarks. Three numbers together are the median, the lowest and the "
        f"highest of the runs. {sum(aims)} of {len(aims)} aims are met."
    )
    lines = [summary]
    for part, one in zip(parts, rows, strict=True):
        lines += [f"### {part['title']}", table(one), *([part["note"]] if part["note"] else [])]
    return "\n\n".join(lines)


def main() -> None:
    """Write the document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="only print the table")
    given = parser.parse_args()
    parts = [json.loads(file.read_text("utf-8")) for file in KEPT.glob("*.json")]
    if not parts:
        sys.exit(f"{KEPT} has no figures yet. Run a benchmark first, such as `make bench ARGS=tally`.")
    written = section(sorted(parts, key=lambda part: part["at"]))  # in the order of measurement
    if given.quick:
        print(written)
        return
    text = DOCUMENT.read_text("utf-8") if DOCUMENT.exists() else _NEW
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        sys.exit(f"{DOCUMENT} must contain the lines `{BEGIN}` and `{END}`, between which the figures are written.")
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{written}\n\n{END}{after}", "utf-8")
    print(f"\nWrote {DOCUMENT}.")


if __name__ == "__main__":
    main()
