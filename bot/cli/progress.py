"""The progress of long work: a bar on a terminal; occasional lines in a file or a journal."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TextIO

import click

LINE_EVERY = 10.0
"""Seconds between two lines."""

Advance = Callable[[int, int], None]
"""Called with the amount done and the total."""


@contextmanager
def progress(label: str, out: TextIO | None, now: Callable[[], float] = time.monotonic) -> Generator[Advance]:
    """Show the progress of the work inside; `out` is None if there is no output for it."""
    if out is None:
        yield lambda _done, _of: None
        return
    if not out.isatty():
        yield _lines(label, out, now)
        return
    # Click needs the length first, and it is known with the first step.
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
