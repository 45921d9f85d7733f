"""Canaries: secrets that must never appear in a log, and the check of every log line of the whole suite.

Each record is formatted by our own pipeline, at DEBUG, but without the list of secrets, because removing a secret at
the last moment would hide that it was logged. Tokens inside addresses are not in that list; the pipeline recognises
them itself.
"""

import logging
from dataclasses import dataclass, field
from io import StringIO

from bot.logs import configure_logging

REPORTER_KEY = "ab" * 32
"""The key of the hashes in the bots of all tests."""
LOOPBACK_TOKEN = "MTE.loopback.token"
"""The token of the bots that run as processes, on the Discord of `tests/loopback`."""
POSTGRES_PASSWORD = "correct-horse-of-postgres"
"""The password of every connection to the PostgreSQL of the tests."""
SIMCORD_TOKENS = ("simcord_interaction_", "simcord_webhook_")
"""The beginning of every token of an interaction or a webhook on simcord's Discord."""


def places(text: str, canaries: set[str]) -> list[str]:
    """The lines that contain a canary, shortened to the text around it."""
    return [
        f"line {number}: …{line[max(0, at - 120) : at + len(canary) + 40]}…"
        for number, line in enumerate(text.splitlines(), 1)
        for canary in canaries
        if (at := line.find(canary)) >= 0
    ]


@dataclass
class Watch:
    """The log of a test, and what must not be in it. Records and characters are counted over all tests."""

    canaries: set[str] = field(
        default_factory=lambda: {REPORTER_KEY, r"\\xab\\xab", LOOPBACK_TOKEN, POSTGRES_PASSWORD, *SIMCORD_TOKENS}
    )
    lines: StringIO = field(default_factory=StringIO)
    seen: int = 0
    searched: int = 0
    _handler: logging.Handler | None = None

    def begin(self) -> None:
        """Set up logging as the bot does at DEBUG, and listen to it. Libraries keep their level there."""
        self.lines = StringIO()
        configure_logging("DEBUG", "json", (), self.lines)
        [self._handler] = logging.getLogger().handlers
        # Discord itself may know its tokens if it runs in this process.
        self._handler.addFilter(lambda record: record.name != "loopback")

    def hear(self, record: logging.LogRecord) -> None:
        """Receive a record, whatever handlers the test has installed."""
        if self._handler is None:
            self.begin()  # a fixture of several tests logs before the first of them begins
        assert self._handler is not None, "begun just now"
        self.seen += 1
        if self._handler not in logging.getLogger().handlers:
            self._handler.handle(record)

    def found(self) -> list[str]:
        """The lines with a canary."""
        text = self.lines.getvalue()
        self.searched += len(text)
        return places(text, self.canaries)
