"""The error table: the sentence and the log entry for each kind of failure.

Known failures have a sentence. Everything else is a bug: the person gets a reference code, and the log has the
traceback under the same code.
"""

import logging
import secrets
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.core.errors import StoreError, UnknownServiceError, WrongInputError
from bot.core.guild_settings import BY_NAME
from bot.core.texts import Texts
from bot.discord_ui.answering.localizer import Localizer
from bot.discord_ui.answering.responding import send
from bot.discord_ui.permissions import LOCKED, is_passing
from bot.discord_ui.render.escape import plain
from bot.discord_ui.render.layout import note

_logger = logging.getLogger(__name__)
_GONE = frozenset({10008, 10062, 40060, 50027})
"""Discord's codes for a dismissed card, and for an interaction that has expired or is already answered: an answer is no
longer possible."""
_NOT_HERE = LOCKED | {50001}
"""Discord's codes for a place where it accepts no answer: it is closed to us, or a locked thread."""
_UNREACHED = (aiohttp.ClientError, TimeoutError, discord.RateLimited)
"""Discord could not be reached. That is not our fault, and an answer to the person would not arrive either."""
_ANSWERS = ("/interactions/", "/webhooks/")
"""Parts of the addresses to which answers to people are sent."""
UNDELIVERED = (discord.HTTPException, *_UNREACHED)
"""The errors of sending that are not our fault: Discord refused it, or could not be reached."""


def _store(texts: Texts, _error: Any) -> str:
    return texts.say("I couldn't save that just now, so nothing has changed. Please try again in a minute.")


def _unknown_service(texts: Texts, error: UnknownServiceError) -> str:
    return texts.say("I don't know a service called {name}.", name=plain(error.name, 60))


def wrong_input(texts: Texts, error: WrongInputError) -> str:
    """The sentence about a value that cannot be used; for a setting, with its name on the page."""
    values = {name: plain(str(value), 120) for name, value in error.values.items()}
    problem = texts.say(error.sentence, **values)
    if error.field not in BY_NAME:
        return problem
    return texts.say("{setting}: {problem}", setting=texts.say(BY_NAME[error.field].label), problem=problem)


def _not_allowed(texts: Texts, _error: Any) -> str:
    return texts.say("This needs the *Manage Server* permission.")


def _only_in_servers(texts: Texts, _error: Any) -> str:
    return texts.say("This works in servers only.")


def _stale_command(texts: Texts, _error: Any) -> str:
    return texts.say("This command has changed. Reload Discord (Ctrl+R) and try again.")


TABLE: Mapping[type[BaseException], Callable[[Texts, Any], str]] = {
    StoreError: _store,
    UnknownServiceError: _unknown_service,
    WrongInputError: wrong_input,
    app_commands.NoPrivateMessage: _only_in_servers,
    app_commands.CheckFailure: _not_allowed,
    app_commands.CommandNotFound: _stale_command,
    app_commands.CommandSignatureMismatch: _stale_command,
}


@dataclass(frozen=True, slots=True)
class Unexpected:
    """An unexpected error. It keeps no exception, because frames and messages may contain people's texts."""

    code: str
    kind: str
    trace: str
    """The place of the error: files, lines and types of errors."""


class Failures:
    """Tells people about failures and logs them. `unexpected` holds the most recent unexpected errors."""

    def __init__(self, localizer: Localizer) -> None:
        self._localizer = localizer
        self.unexpected: deque[Unexpected] = deque(maxlen=50)
        self.noted = 0
        """Number of unexpected errors since the start."""

    async def answer(self, interaction: discord.Interaction, error: BaseException, where: str) -> None:
        """Tell the person privately what went wrong. Never raises."""
        error = _cause(error)
        if isinstance(error, discord.HTTPException) and error.code in _GONE:
            _logger.info("too late to answer", extra={"where": where})
            return
        if isinstance(error, discord.HTTPException) and error.code in _NOT_HERE:
            _logger.info("Discord rejected the answer", extra={"where": where, "code": error.code})
            return
        if interaction.client.is_closed():
            _logger.info("not answered: the bot is stopping", extra={"where": where, "error": type(error).__name__})
            return
        if isinstance(error, _UNREACHED) or _is_lost(error):
            _logger.warning("answer not delivered", extra={"where": where, "error": type(error).__name__})
            return
        texts = self._localizer.private(interaction)
        sentence = self._sentence(texts, error, where)
        await self.send_privately(interaction, sentence, where)

    async def send_privately(self, interaction: discord.Interaction, sentence: str, where: str) -> None:
        """Send the person a sentence privately, if that is possible. Never raises."""
        if interaction.type is discord.InteractionType.autocomplete:
            return  # Discord only accepts suggestions there, and the person sees none
        try:
            await send(interaction, note(sentence), private=True)
        except UNDELIVERED as failure:
            _logger.info("message to the person not delivered", extra={"where": where, "error": type(failure).__name__})

    def note(self, error: BaseException, where: str) -> str:
        """Log a failure that needs no answer. Returns its reference code."""
        code = secrets.token_hex(3).upper()
        self.noted += 1
        self.unexpected.append(Unexpected(code, type(error).__name__, _places(error)))
        _logger.error("unexpected failure", exc_info=error, extra={"reference": code, "where": where})
        return code

    def _sentence(self, texts: Texts, error: BaseException, where: str) -> str:
        for kind in type(error).__mro__:
            if kind in TABLE:
                _logger.info("refused", extra={"where": where, "error": type(error).__name__})
                return TABLE[kind](texts, error)
        code = self.note(error, where)
        return texts.say("Something went wrong on our side. Reference: {code}", code=f"`{code}`")


def _places(error: BaseException) -> str:
    """The places where an error and its causes were raised, the first one first; without their messages."""
    lines: list[str] = []
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        lines = [*traceback.format_tb(one.__traceback__), f"{type(one).__qualname__}\n", *lines]
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "".join(lines)


def _is_lost(error: BaseException) -> bool:
    """Whether the answer itself did not get through, for a reason that is not in it: a second one would fail, too."""
    if not isinstance(error, discord.HTTPException) or not is_passing(error):
        return False
    return any(part in str(error.response.url) for part in _ANSWERS)


def _cause(error: BaseException) -> BaseException:
    while isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    return error
