"""(i) How soon a command answers: `python -m benchmarks.cli`.

Processor seconds (user and system) of commands that need little, measured in turns with a bare Click app that has as
many commands. The bytecode is already compiled, as after the first call.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import Row, Spread, at_most, keep

BARE = """
import click
@click.group()
def app() -> None: ...
for name in ("run", "demo", "doctor", "sync", "forget", "mentions", "replay", "db", "services"):
    @app.command(name, help="What it does, in a sentence of some length.")
    def work() -> None: ...
app()
"""
COMMANDS = ("--help", "services check", "mentions", "replay -")
MOST = 3.0
"""Target: at most this many times the processor time of the bare app."""
GIVEN = {"replay -": "minute,reporters,servers\n1,1,1\n"}


def processor(command: Sequence[str], folder: Path, given: str = "") -> float:
    """Processor seconds of a command in its own process."""
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen(  # noqa: S603 - ourselves
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        cwd=folder,
        env=environment,
    ) as process:
        assert process.stdin is not None, "asked for"
        process.stdin.write(given)
        process.stdin.close()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    rounds = 3 if parser.parse_args().quick else 11
    bare: list[float] = []
    ours: dict[str, list[float]] = {command: [] for command in COMMANDS}
    with tempfile.TemporaryDirectory(prefix="notjustyou-bench-") as folder:
        app = Path(folder, "bare.py")
        app.write_text(BARE)
        for turn in range(rounds + 1):
            bare.append(processor([sys.executable, str(app), "--help"], app.parent))
            for command, measured in ours.items():
                whole = [sys.executable, "-m", "bot", *command.split()]
                measured.append(processor(whole, app.parent, GIVEN.get(command, "")))
            if not turn:  # this run may have compiled bytecode
                for measured in (bare, *ours.values()):
                    measured.clear()
    limit, rows = f"{Spread.of(bare).text()} s for `--help` of a bare Click app", list[Row]()
    for command, measured in ours.items():
        name, cost = f"`notjustyou {command}`", f"{Spread.of(measured).text()} s"
        ratio = Spread.of([own / other for own, other in zip(measured, bare, strict=True)])
        rows.append(at_most(name, cost, limit, ratio, MOST))
    keep("i-cli", "(i) The command line, in CPU seconds", rows, note=f"{rounds} processes each.")


if __name__ == "__main__":
    main()
