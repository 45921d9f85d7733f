"""Logs: structlog on top of the standard library, so that lines of discord.py and aiohttp look like ours.

Secrets are removed from every line in one place, also from lines of libraries. Libraries have their own lowest level:
at DEBUG discord.py logs whole events with members' messages, and interaction tokens; at INFO SQLAlchemy logs rows.
"""

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, TextIO

import structlog

_REDACTED = "[hidden]"
# Addresses of webhooks and interactions contain a token, and so do their events.
_TOKEN_IN_TEXT = re.compile(r"""(/(?:webhooks|interactions)/\d+/|["']token["']: ?["'])[\w.-]{20,}""")
# A library may log the address of a request about a person.
_PERSON_IN_URL = re.compile(r"(/(?:members|users)/)\d{15,20}")
_LIBRARIES = {
    "discord": logging.INFO,
    "aiohttp": logging.INFO,
    "asyncio": logging.INFO,
    "aiosqlite": logging.WARNING,
    "alembic": logging.WARNING,
    "sqlalchemy": logging.WARNING,
}


class Redact:
    """Replaces secrets in every value of a log line, also in its traceback."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)

    def __call__(self, _logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Clean a line; structlog calls this just before rendering."""
        for key, value in line.items():
            if not key.startswith("_"):
                line[key] = self._clean(value)
        return line

    def text(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, _REDACTED)
        return _PERSON_IN_URL.sub(rf"\1{_REDACTED}", _TOKEN_IN_TEXT.sub(rf"\1{_REDACTED}", text))

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, int | float | bool | None):
            return value
        return self.text(str(value))


def configure_logging(level: str, form: str, secrets: Iterable[str], out: TextIO | None = None) -> None:
    """Set up logging for this process."""
    redact = Redact(secrets)
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.format_exc_info,
    ]
    if form == "json":
        renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=(out or sys.stderr).isatty())
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, renderer],
    )
    handler = logging.StreamHandler(out or sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name, lowest in _LIBRARIES.items():
        logging.getLogger(name).setLevel(max(root.level, lowest))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
