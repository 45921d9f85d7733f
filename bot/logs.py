"""How log lines look: text for people, or JSON for machines; lines of libraries look like ours.

Details of a line are passed by name: `_logger.info("ready", extra={"servers": 3})`. Secrets are removed from every line
in one place, including lines of libraries. Libraries have their own lowest level: at DEBUG discord.py logs whole events
with members' messages, and interaction tokens; at INFO SQLAlchemy logs rows.
"""

import json
import logging
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TextIO

from pythonjsonlogger.json import JsonFormatter

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
_NAMES = {"levelname": "level", "name": "logger", "message": "event", "exc_info": "exception"}
_COLOURS = {"WARNING": 33, "ERROR": 31, "CRITICAL": 31}
_UNCLEAR = re.compile(r"""[\s="']|^$""")


class Redact:
    """Replaces secrets in every value of a log line, including its traceback."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)

    def text(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, _REDACTED)
        return _PERSON_IN_URL.sub(rf"\1{_REDACTED}", _TOKEN_IN_TEXT.sub(rf"\1{_REDACTED}", text))

    def value(self, value: Any) -> Any:
        """Numbers, true, false and none unchanged; everything else as a text without secrets."""
        if isinstance(value, datetime):
            return value.isoformat()
        return value if isinstance(value, int | float | None) else self.text(str(value))

    def line(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """All values of a line."""
        return {name: self.value(value) for name, value in values.items()}


def _json(redact: Redact, values: Mapping[str, Any], **_: object) -> str:
    """A line as one JSON object."""
    return json.dumps(redact.line(values) | {"level": values["level"].lower()}, ensure_ascii=False)


def _text(redact: Redact, values: Mapping[str, Any], *, colours: Mapping[str, int], **_: object) -> str:
    """A line as text: time, level, event and logger, then the values; a traceback follows below."""
    line = redact.line(values)
    at, level, event, logger = (line.pop(name) for name in ("timestamp", "level", "event", "logger"))
    trace = f"\n{line.pop('exception')}" if line.get("exception") else ""
    begin = f"{at} [{level.lower():<8}]"
    if colour := colours.get(level):
        begin = f"\x1b[{colour}m{begin}\x1b[0m"
    named = " ".join(f"{name}={_shown(value)}" for name, value in line.items())
    return f"{begin} {event:<30} [{logger}] {named}".rstrip() + trace


def _shown(value: Any) -> str:
    """A value; in quotes if its end would not be visible."""
    return repr(value) if isinstance(value, str) and _UNCLEAR.search(value) else str(value)


def configure_logging(level: str, form: str, secrets: Iterable[str], out: TextIO | None = None) -> None:
    """Set up logging for this process."""
    handler = logging.StreamHandler(out or sys.stderr)
    redact = Redact(secrets)
    colours = _COLOURS if handler.stream.isatty() else {}
    write = partial(_json, redact) if form == "json" else partial(_text, redact, colours=colours)
    fields = "{levelname}{name}{message}"
    handler.setFormatter(JsonFormatter(fields, style="{", rename_fields=_NAMES, timestamp=True, json_serializer=write))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name, lowest in _LIBRARIES.items():
        logging.getLogger(name).setLevel(max(root.level, lowest))
