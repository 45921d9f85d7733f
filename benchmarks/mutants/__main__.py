"""`make mutants`: the share of single changes to our code that the tests notice, room by room.

Each change is made in a copy of the tree, so the checkout is not touched. The tests closest to the changed module run
first, then those of its room, until one fails. The sample is drawn with a fixed seed: the same code and the same
arguments give the same changes.

Changes that no test can notice, because they have no visible effect, are listed in `harmless.txt` with the reason. They
are left out of the sample, and the output states how many.
"""

import argparse
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count, cycle, islice, zip_longest
from pathlib import Path
from queue import SimpleQueue

from benchmarks.mutants.operators import KINDS, Mutation, changed, sites
from benchmarks.mutants.rooms import ROOMS, further, modules, nearest
from benchmarks.mutants.runs import Runs

ROOT = Path(__file__).parent.parent.parent
_HARMLESS = Path(__file__).parent / "harmless.txt"
_HUNG, _HUNG_AT_LEAST = 2, 300
"""Tests hang if they take so many times as long as all tests of their room did without a change, and so many seconds.
So it does not matter how busy the machine is."""
_UNKNOWN = 1200
"""The limit in seconds if that time is not known."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change; `was` and `becomes` are the first line that differs, before and after."""

    room: str
    module: Path
    line: int
    change: Mutation
    was: str
    becomes: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.was} => {self.becomes}"

    @property
    def key(self) -> str:
        """Its name in `harmless.txt`: without the line number, which other changes move."""
        return f"{self.module}: {self.was} => {self.becomes}"


def fill(folder: Path) -> None:
    """Copy the files that git tracks into a folder."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 - ours
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


class Copy:
    """A copy of the tree, in which changes are made and tested one after the other."""

    def __init__(self, folder: Path, runs: Runs) -> None:
        self.root = folder
        self._runs = runs
        self._times = count(1_000_000_000)

    def noticed(self, mutant: Mutant, longest: float) -> bool:
        """Whether a test fails or hangs (for `longest` seconds) with this change."""
        path = self.root / mutant.module
        before = path.read_text()
        try:
            self._write(path, changed(before, mutant.change))
            near = nearest(self.root, mutant.module)
            if near and not self._runs.passes(near, longest):
                return True
            others = [one for one in further(self.root, mutant.module) if one not in near]
            return bool(others) and not self._runs.passes([*others, *(f"--ignore={one}" for one in near)], longest)
        finally:
            self._write(path, before)

    def green(self, room: str) -> bool:
        """Whether the tests of a room pass without a change."""
        tests = {
            test
            for module in modules(self.root, room)
            for test in (*nearest(self.root, module), *further(self.root, module))
        }
        return self._runs.passes(sorted(tests), math.inf)

    def _write(self, path: Path, text: str) -> None:
        path.write_text(text)
        stamp = next(self._times)  # Python would use the old bytecode if the file's size and second are the same
        os.utime(path, (stamp, stamp))


def draw(rooms: Sequence[str], sample: int, seed: int) -> Iterator[Mutant]:
    """The same number of changes from each room, in turns, and about the same number of each kind."""
    of_rooms = {room: _draw_of(room, random.Random(f"{seed} {room}")) for room in rooms}  # noqa: S311 - no secret
    for room in islice(cycle(rooms), sample):
        yield next(of_rooms[room])


def _draw_of(room: str, rng: random.Random) -> Iterator[Mutant]:
    places: dict[str, list[tuple[Path, int, Mutation]]] = {kind: [] for kind in KINDS}
    for module in modules(ROOT, room):
        for kind, line, change in sites((ROOT / module).read_text()):
            places[kind].append((module, line, change))
    while left := [kind for kind in KINDS if places[kind]]:
        of_kind = places[rng.choice(left)]
        module, line, change = of_kind.pop(rng.randrange(len(of_kind)))
        source = (ROOT / module).read_text()
        yield Mutant(room, module, line, change, *_difference(source, changed(source, change)))


def _difference(before: str, after: str) -> tuple[str, str]:
    pairs = zip_longest(before.splitlines(), after.splitlines(), fillvalue="")
    was, becomes = next((old, new) for old, new in pairs if old != new)
    return was.strip(), becomes.strip()


def harmless() -> frozenset[str]:
    """The listed changes. A line that begins with # explains why those below it are harmless."""
    lines = map(str.strip, _HARMLESS.read_text().splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))


def main() -> int:
    """Draw the changes, test them, and print the result."""
    asked = _arguments()
    listed = harmless()
    drawn = list(draw(asked.rooms, asked.sample, asked.seed))
    mutants = [mutant for mutant in drawn if mutant.key not in listed]
    copies: SimpleQueue[Copy] = SimpleQueue()
    with ExitStack() as stack:
        for _ in range(asked.jobs):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mutants-")))
            fill(folder)
            copies.put(Copy(folder, stack.enter_context(Runs(folder))))
        longest, red = _unchanged(copies, () if asked.unchecked else asked.rooms)
        if red:
            print("the tests already fail without a change, in: " + ", ".join(red))
            return 2
        noticed = _tested(copies, mutants, asked.jobs, time.monotonic() + 60 * asked.minutes, longest)
    _say(asked.rooms, noticed, len(drawn) - len(mutants))
    if left := len(mutants) - len(noticed):
        print(f"{left} changes were not tried, because the time was over")
    share = sum(noticed.values()) / max(1, len(noticed))
    return int(share * 100 < asked.least)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--sample", type=int, default=60, help="number of changes (60)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the sample (1)")
    parser.add_argument("--rooms", nargs="+", choices=ROOMS, default=list(ROOMS), help="rooms to change (all)")
    parser.add_argument("--jobs", type=int, default=1, help="changes tested at the same time (1)")
    parser.add_argument("--least", type=float, default=0, help="fail if a smaller share is noticed, in percent (0)")
    parser.add_argument("--minutes", type=float, default=math.inf, help="start no change after this time (no limit)")
    parser.add_argument("--unchecked", action="store_true", help="do not run the unchanged tests first")
    return parser.parse_args()


def _unchanged(copies: "SimpleQueue[Copy]", rooms: Sequence[str]) -> tuple[dict[str, float], list[str]]:
    """Test the unchanged rooms. Returns how many seconds the tests of each may take, and the rooms that fail."""
    longest, red = dict[str, float](), list[str]()
    copy = copies.get()
    try:
        for room in rooms:
            began = time.monotonic()
            if not copy.green(room):
                red.append(room)
            longest[room] = max(_HUNG_AT_LEAST, _HUNG * (time.monotonic() - began))
    finally:
        copies.put(copy)
    return longest, red


def _tested(
    copies: "SimpleQueue[Copy]", mutants: Sequence[Mutant], jobs: int, until: float, longest: Mapping[str, float]
) -> dict[Mutant, bool]:
    """The changes that were tried in time, each with whether it was noticed."""

    def test(mutant: Mutant) -> bool | None:
        copy, began = copies.get(), time.monotonic()
        try:
            if began >= until:
                return None
            noticed = copy.noticed(mutant, longest.get(mutant.room, _UNKNOWN))
        finally:
            copies.put(copy)
        print(f"{'noticed' if noticed else 'SURVIVED':9}{time.monotonic() - began:4.0f} s  {mutant}", flush=True)
        return noticed

    with ThreadPoolExecutor(jobs) as pool:
        tried = zip(mutants, pool.map(test, mutants), strict=True)
        return {mutant: noticed for mutant, noticed in tried if noticed is not None}


def _say(rooms: Sequence[str], noticed: dict[Mutant, bool], left_out: int) -> None:
    print()
    for room in rooms:
        of_it = [was for mutant, was in noticed.items() if mutant.room == room]
        print(_row(room, of_it))
    print(_row("all", list(noticed.values())))
    if left_out:
        print(f"{left_out} changes of the sample are listed as harmless and were left out")
    if survivors := [str(mutant) for mutant, was in noticed.items() if not was]:
        print("\nnot noticed:", *survivors, sep="\n  ")


def _row(name: str, noticed: Sequence[bool]) -> str:
    share = f"{100 * sum(noticed) / len(noticed):3.0f} %" if noticed else "  none"
    return f"{name:11}{share}  ({sum(noticed)} of {len(noticed)} noticed)"


if __name__ == "__main__":
    sys.exit(main())
