"""Reports of unexpected errors: the place in the code, but no text that people wrote."""

import gc
import logging
from types import SimpleNamespace
from typing import Any

import pytest

from bot.discord_ui.answering.failures import Failures


class Text(str):  # noqa: SLOT000 - with slots the garbage collector would not know of it
    """A message's text, which can be found in memory."""


def fail(said: str) -> None:
    try:
        int(said)
    except ValueError as error:
        raise KeyError(said) from error


def test_a_failure_keeps_neither_the_message_nor_the_frames_that_held_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)  # or pytest itself would keep the frames, in its log records
    localizer: Any = SimpleNamespace()
    failures, codes = Failures(localizer), list[str]()
    try:
        fail(Text("zebrafinch at night"))
    except KeyError as error:
        codes.append(failures.note(error, "here"))
    [kept] = failures.unexpected
    assert (kept.code, kept.kind) == (codes[0], "KeyError")
    assert kept.trace.index("ValueError") < kept.trace.index("KeyError") and "in fail\n" in kept.trace
    assert "int(said)" in kept.trace and "invalid literal" not in kept.trace
    gc.collect()
    assert not [one for one in gc.get_objects() if type(one) is Text]
