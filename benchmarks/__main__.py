"""Runs all benchmarks one after another, then writes the table: `python -m benchmarks`, or `make bench`.

Each benchmark runs in its own process, so that none warms up another. If one fails, the others still run.
"""

import argparse
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec

from benchmarks.figures import KEPT

_Arguments = tuple[str, ...]
PARTS: dict[str, tuple[_Arguments, _Arguments]] = {
    "gateway.messages": ((), ("--rounds", "2", "--count", "2000")),
    "gateway.answers": ((), ("--rounds", "1")),
    "gateway.attacks": ((), ("--rounds", "1")),
    "gateway.memory": ((), ("--rounds", "1", "--servers", "10,1000")),
    "gateway.services": ((), ("--rounds", "2", "--count", "2000")),
    "store": (("--large",), ()),
    "postgres": ((), ()),
    "tally": ((), ("--quick",)),
    "start": ((), ("--quick",)),
    "mentions.speed": ((), ("--quick",)),
    "pictures": ((), ("--quick",)),
    "cli": ((), ("--quick",)),
    "page": ((), ("--quick",)),
    "scaling": ((), ("--servers", "10000")),
}
"""The benchmarks in their order, each with its arguments and those of `--quick`."""


def main() -> None:
    """Run the benchmarks and write the document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds; the document is not changed")
    parser.add_argument("parts", nargs="*", help=f"only these parts; all are {', '.join(PARTS)}")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"unknown parts: {', '.join(sorted(unknown))}")
    if not given.parts:
        shutil.rmtree(KEPT, ignore_errors=True)
    failed = list[str]()
    for part in given.parts or PARTS:
        module, began = f"benchmarks.{part}", time.perf_counter()
        whole, short = PARTS[part]
        more = short if given.quick else whole
        if find_spec(module) is None or subprocess.call([sys.executable, "-m", module, *more]):  # noqa: S603 - ourselves
            failed.append(part)
        print(f"({part} took {time.perf_counter() - began:.0f} s)", flush=True)
    report = [sys.executable, "-m", "benchmarks.report", *(["--quick"] if given.quick else [])]
    code = subprocess.call(report)  # noqa: S603 - ourselves
    sys.exit(f"not measured: {', '.join(failed)}" if failed else code)


if __name__ == "__main__":
    main()
