"""How far long work has come: a bar on a terminal; in a file or a journal a line now and then."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TextIO

import click

LINE_EVERY = 10.0
"""Seconds between two lines."""

Advance = Callable[[int, int], None]
"""Tells how much is done, and of how much in all."""


@contextmanager
def progress(label: str, out: TextIO | None, now: Callable[[], float] = time.monotonic) -> Generator[Advance]:
    """Show the progress of the work inside; `out` is None if there is nowhere to show it."""
    if out is None:
        yield lambda _done, _of: None
        return
    if not out.isatty():
        yield _lines(label, out, now)
        return
    # Click wants to know the length first, and we know it with the first step.
    with click.progressbar(length=1, label=label, file=out) as bar:

        def advance(done: int, of: int) -> None:
            bar.length = max(of, 1)
            bar.update(done - bar.pos)

        yield advance


def _lines(label: str, out: TextIO, now: Callable[[], float]) -> Advance:
    next_at = now() + LINE_EVERY

    def advance(done: int, of: int) -> None:
        nonlocal next_at
        if now() >= next_at:
            next_at = now() + LINE_EVERY
            click.echo(f"{label}: {done:,} of {of:,} ({100 * done // max(of, 1)} %)", file=out)

    return advance
