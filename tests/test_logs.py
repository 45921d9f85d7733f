"""Logs: secrets are taken out of every line, whoever wrote it."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.logs import configure_logging

TOKEN = "MTE.canary.token"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    before, level = logging.getLogger().handlers[:], logging.getLogger().level
    out = io.StringIO()
    configure_logging("DEBUG", "json", [TOKEN], out)
    yield out
    logging.getLogger().handlers, logging.getLogger().level = before, level
    structlog.reset_defaults()


def test_secrets_are_hidden_in_messages_values_and_tracebacks(lines: io.StringIO) -> None:
    log = structlog.get_logger("ours")
    log.info("token", token=TOKEN, value=f"x{TOKEN}", nested={"a": TOKEN})
    logging.getLogger("theirs").warning("login with %s", TOKEN)
    logging.getLogger("theirs").warning("POST /webhooks/123456/%s", "a" * 60)
    log.error("failed", exc_info=RuntimeError(TOKEN))
    text = lines.getvalue()
    assert TOKEN not in text and "a" * 60 not in text
    assert text.count("[hidden]") >= 5
    assert len([json.loads(line) for line in text.splitlines()]) == 4


def test_libraries_never_log_at_debug(lines: io.StringIO) -> None:
    logging.getLogger("discord.gateway").debug("the text of a message")
    logging.getLogger("discord.gateway").info("connected")
    assert "the text of a message" not in lines.getvalue()
    assert "connected" in lines.getvalue()
