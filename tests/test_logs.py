"""Logs: secrets are removed from every line, whoever wrote it."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import discord
import pytest
from aiohttp import web

from bot.logs import configure_logging
from bot.web.serving import serving
from tests.canaries import LOOPBACK_TOKEN, REPORTER_KEY, SIMCORD_TOKENS, Watch

TOKEN = "MTE.canary.token"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    before, level = logging.getLogger().handlers[:], logging.getLogger().level
    out = io.StringIO()
    configure_logging("DEBUG", "json", [TOKEN], out)
    yield out
    logging.getLogger().handlers, logging.getLogger().level = before, level


def test_secrets_are_hidden_in_messages_values_and_tracebacks(lines: io.StringIO) -> None:
    log = logging.getLogger("ours")
    log.info("token", extra={"token": TOKEN, "value": f"x{TOKEN}", "nested": {"a": TOKEN}})
    logging.getLogger("theirs").warning("login with %s", TOKEN)
    logging.getLogger("theirs").warning("POST /webhooks/123456/%s", "a" * 60)
    log.error("failed", exc_info=RuntimeError(TOKEN))
    text = lines.getvalue()
    assert TOKEN not in text and "a" * 60 not in text
    assert text.count("[hidden]") >= 5
    assert len([json.loads(line) for line in text.splitlines()]) == 4


def test_a_line_for_people_shows_where_a_value_ends_and_its_traceback_below(lines: io.StringIO) -> None:
    del lines  # logging is put back afterwards
    configure_logging("INFO", "console", (), out := io.StringIO())
    log = logging.getLogger("ours")
    log.info("100 % ready", extra={"servers": 3, "place": "a b\nc", "plain": "x", "none": None})
    try:
        int("seven")
    except ValueError:
        log.exception("failed", extra={"kind": "post"})
    first, failed, trace = out.getvalue().split("\n", 2)
    assert first.partition(" ")[2] == (
        "[info    ] 100 % ready                    [ours] servers=3 place='a b\\nc' plain=x none=None"
    )
    assert failed.endswith("failed                         [ours] kind=post")
    assert trace.startswith("Traceback") and trace.endswith("base 10: 'seven'\n")


def test_libraries_never_log_at_debug(lines: io.StringIO) -> None:
    logging.getLogger("discord.gateway").debug("the text of a message")
    logging.getLogger("discord.gateway").info("connected")
    assert "the text of a message" not in lines.getvalue()
    assert "connected" in lines.getvalue()


def test_the_watch_over_the_suites_log_catches_a_secret_whoever_logs_it(log_watch: Watch) -> None:
    ours = logging.getLogger("ours")
    ours.debug("settings read", extra={"key": REPORTER_KEY})
    logging.getLogger("theirs").debug("POST /elsewhere/%s", SIMCORD_TOKENS[0] + "1")
    configure_logging("WARNING", "console", (), io.StringIO())  # as the command line does in the middle of a test
    ours.warning("connecting", extra={"header": f"Bot {LOOPBACK_TOKEN}"})
    assert len(found := log_watch.found()) == 3, found
    log_watch.lines.truncate(0)


def test_tokens_of_interactions_are_hidden_even_where_a_library_is_made_to_talk(lines: io.StringIO) -> None:
    """discord.py's DEBUG is out of reach by our settings; somebody may turn it on by hand all the same."""
    token = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OmFiYw"
    library = logging.getLogger("discord.webhook.async_")
    library.setLevel("DEBUG")
    library.debug("WebSocket Event: %s", {"t": "INTERACTION_CREATE", "d": {"token": token, "id": "1"}})
    library.debug("%s", json.dumps({"token": token}))
    library.debug("PATCH https://discord.com/api/v10/webhooks/12/%s/messages/@original?with_components=true", token)
    library.setLevel("NOTSET")
    assert token not in lines.getvalue() and lines.getvalue().count("[hidden]") == 3


@pytest.mark.parametrize("form", ["json", "console"])
async def test_a_failed_request_holds_the_token_and_its_traceback_does_not(form: str) -> None:
    """`error.response.request_info.headers` has it: what logs an error must not take it to pieces."""

    async def refuse(_request: web.Request) -> web.Response:
        return web.json_response({"code": 50001, "message": "Missing Access"}, status=403)

    out, server = io.StringIO(), web.Application()
    server.router.add_route("*", "/{tail:.*}", refuse)
    configure_logging("DEBUG", form, (), out)  # the token is not even told to the log
    http = discord.http.HTTPClient(asyncio.get_running_loop())
    async with serving(server) as port:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(discord.http.Route, "BASE", f"http://127.0.0.1:{port}")
            with pytest.raises(discord.Forbidden) as failed:
                await http.static_login(TOKEN)
        await http.close()
    assert failed.value.response.request_info.headers["Authorization"] == f"Bot {TOKEN}"  # type: ignore[union-attr]
    log = logging.getLogger("ours")
    attached = {"error": failed.value, "response": failed.value.response}
    log.error("unexpected failure", exc_info=failed.value, extra=attached)
    logging.getLogger("asyncio").error("Task exception was never retrieved", exc_info=failed.value)
    lines = out.getvalue()
    assert lines.count("Traceback") == 2 and "Missing Access" in lines and TOKEN not in lines
