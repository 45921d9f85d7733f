"""Progress of long work: a bar on a terminal, lines in a file, and nothing for short work."""

import os
import pty
from contextlib import suppress
from io import StringIO

from bot.cli.progress import progress


def test_in_a_file_there_is_a_line_now_and_then() -> None:
    out, now = StringIO(), [0.0]
    with progress("Copying", out, lambda: now[0]) as advance:
        for done in range(0, 3_000_001, 100_000):
            advance(done, 3_000_000)
            now[0] += 1
    assert out.getvalue().splitlines() == [
        "Copying: 1,000,000 of 3,000,000 (33 %)",
        "Copying: 2,000,000 of 3,000,000 (66 %)",
        "Copying: 3,000,000 of 3,000,000 (100 %)",
    ]


def test_what_takes_a_moment_says_nothing_in_a_file() -> None:
    out = StringIO()
    with progress("Copying", out) as advance:
        advance(0, 0)
        advance(5, 5)
    assert out.getvalue() == ""


def test_on_a_terminal_there_is_a_bar() -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as out, progress("Copying", out) as advance:
        for done in (0, 50, 100):
            advance(done, 100)
    shown = all_of(ours)
    assert "Copying" in shown and "50%" in shown and "100%" in shown and shown.endswith("\r\n")


def all_of(terminal: int) -> str:
    """The output on a terminal after the last write. It arrives in pieces."""
    pieces = list[bytes]()
    with os.fdopen(terminal, "rb", buffering=0) as seen, suppress(OSError):  # Linux: there is no writer left
        while piece := seen.read(10_000):
            pieces.append(piece)
    return b"".join(pieces).decode()
