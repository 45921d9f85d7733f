"""Logs events in a form that discord.py does not expect, instead of ending the process."""

from typing import Any

from bot.discord_ui.answering.failures import Failures
from bot.discord_ui.answering.interceptor import Parse


class OddEvents:
    """Catches the errors that discord.py raises while it reads an event."""

    def __init__(self, failures: Failures) -> None:
        self._failures = failures

    def intercept(self, event: str, parse: Parse) -> Parse:
        """The parser, with all of its errors caught."""

        def guarded(data: Any) -> object:
            try:
                return parse(data)
            except Exception as error:
                self._failures.note(error, f"event {event}")
                return None

        return guarded
