"""`init`: from a token to a bot that can start. It changes nothing but the token in `.env`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.core.errors import ConfigurationError, DiscordRefusedError, DiscordUnreachableError
from bot.discord_ui.connection.portal import Portal
from bot.env_file import write_token
from bot.setting_values import token_fault

_TRIES = 3
_WHERE = """The bot needs a token of its own. In https://discord.com/developers/applications:
  1. New Application, and give it a name.
  2. Bot > Message Content Intent: on. Without it the bot reads only messages that mention it.
  3. Bot > Reset Token, and copy the token."""
Ask = Callable[[str], Awaitable[Portal]]


class Terminal(Protocol):
    """The terminal, which may or may not be interactive."""

    @property
    def asks(self) -> bool:
        """Whether a person can answer questions."""
        ...

    def print(self, text: str) -> None:
        """Print a text."""
        ...

    def secret(self, question: str) -> str:
        """Ask for a text without showing it."""
        ...

    def confirm(self, question: str, *, default: bool) -> bool:
        """Ask a yes-or-no question."""
        ...


@dataclass(frozen=True, slots=True)
class InitOptions:
    """The options of the command."""

    token: str | None = None
    """The token from a file; None asks for it."""
    replace: bool = False
    """Replace an existing token without asking."""
    offline: bool = False
    """Do not contact Discord."""


class FirstRun:
    """Asks for the token, checks it with Discord, and saves it. `given` are the settings so far."""

    def __init__(self, terminal: Terminal, file: Path, given: Mapping[str, str], ask: Ask) -> None:
        self._terminal = terminal
        self._file = file
        self._old = given.get("discord_token")
        self._ask = ask

    async def set_up(self, wanted: InitOptions) -> None:
        """Run the whole setup. Raises ConfigurationError, DiscordRefusedError or DiscordUnreachableError."""
        token, portal = await self._checked(self._chosen(wanted), wanted)
        if token == self._old:
            self._terminal.print("This token is already set.")
        else:
            write_token(self._file, token)
            self._terminal.print(f"Saved the token in {self._file.absolute()}, which only you can read.")
        if portal is not None:
            await self._switches(token, portal)
            self._terminal.print(f"Invite the bot to your server: {portal.invite}")

    def _chosen(self, wanted: InitOptions) -> str | None:
        """The token to start with; None if it has to be asked for."""
        token = cleaned(wanted.token) if wanted.token is not None else None
        if self._old is None or wanted.replace or token == self._old:
            return token
        if self._terminal.asks and self._terminal.confirm("A token is already set. Replace it?", default=False):
            return token
        if token is not None:
            raise ConfigurationError([f"another token is already set; --replace writes this one into {self._file}"])
        return self._old

    async def _checked(self, token: str | None, wanted: InitOptions) -> tuple[str, Portal | None]:
        """The token, asked for if needed, and Discord's information about it; None if Discord was not asked."""
        if token is None:
            self._terminal.print(_WHERE)
        for tries_left in reversed(range(_TRIES)):
            token = self._asked() if token is None else token
            try:
                return token, await self._portal(token, wanted)
            except (ConfigurationError, DiscordRefusedError) as error:
                if not self._terminal.asks or not tries_left:
                    raise
                self._terminal.print(str(error))
                token = None
        raise AssertionError("the last try has raised")

    def _asked(self) -> str:
        if not self._terminal.asks:
            raise ConfigurationError(
                ["without a terminal the token must come from a file: --token-file FILE (- is standard input)"]
            )
        return cleaned(self._terminal.secret("Token (it is not shown)"))

    async def _portal(self, token: str, wanted: InitOptions) -> Portal | None:
        if fault := token_fault(token):
            raise ConfigurationError([f"the token {fault}"])
        if wanted.offline:
            return None
        try:
            portal = await self._ask(token)
        except DiscordUnreachableError as error:
            self._terminal.print(f"{error}. The token could not be checked.")
            if self._terminal.asks and self._terminal.confirm("Save it anyway?", default=True):
                return None
            raise
        self._terminal.print(f"Discord accepts the token: this is {portal.name}.")
        return portal

    async def _switches(self, token: str, portal: Portal) -> None:
        """Name the switches to turn on, until they are on or the operator continues."""
        while not portal.message_content:
            self._terminal.print(
                "Message Content Intent is off, so the bot will read only messages that mention it. Commands, buttons "
                f"and reactions work. To turn it on: {portal.page}, Privileged Gateway Intents, then Save Changes."
            )
            if not self._terminal.asks or not self._terminal.confirm("Is it on now? I will check again", default=True):
                break
            portal = await self._ask(token)
        else:
            self._terminal.print("Message Content Intent is on: auto-replies can read messages.")
        if portal.code_grant:
            self._terminal.print(
                f"Requires OAuth2 Code Grant is on: turn it off at {portal.page}, or the bot cannot be invited."
            )


def cleaned(pasted: str) -> str:
    """A pasted token without extra characters copied along with it."""
    text = pasted.strip().removeprefix("DISCORD_TOKEN=").removeprefix("Bot ")
    return text.strip().strip("\"'")
