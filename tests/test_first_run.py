"""`init` for somebody who has just made an application."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.errors import ConfigurationError, DiscordRefusedError, DiscordUnreachableError
from bot.discord_ui.connection.portal import Portal
from bot.first_run import FirstRun, InitOptions, cleaned

GOOD, OTHER, DEAD = "AAAA.good.CCCC", "AAAA.other.CCCC", "AAAA.dead.CCCC"
BOT = Portal("Examplebot", 42, message_content=True)


class Person:
    """Answers questions in the order in which they will come; nobody is there if `answers` is None."""

    def __init__(self, *answers: str | bool, asks: bool = True) -> None:
        self.asks = asks
        self.answers = list(answers)
        self.shown: list[str] = []

    def print(self, text: str) -> None:
        self.shown.append(text)

    def secret(self, question: str) -> str:
        self.shown.append(question)
        answer = self.answers.pop(0)
        assert isinstance(answer, str)
        return answer

    def confirm(self, question: str, *, default: bool) -> bool:
        self.shown.append(question)
        answer = self.answers.pop(0)
        assert isinstance(answer, bool)
        return answer

    @property
    def read(self) -> str:
        return "\n".join(self.shown)


class Discord:
    """Takes a token, or does not. Switches are turned on while it is asked again."""

    def __init__(self, *portals: Portal, error: Exception | None = None) -> None:
        self.portals = list(portals or [BOT])
        self.error = error
        self.asked: list[str] = []

    async def __call__(self, token: str) -> Portal:
        self.asked.append(token)
        if self.error is not None:
            raise self.error
        if token == DEAD:
            raise DiscordRefusedError
        return self.portals.pop(0) if len(self.portals) > 1 else self.portals[0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def init(
    file: Path,
    person: Person,
    wanted: InitOptions | None = None,
    *,
    discord: Discord | None = None,
    given: Mapping[str, str] | None = None,
) -> Discord:
    discord = discord or Discord()
    asyncio.run(FirstRun(person, file, given or {}, discord).set_up(wanted or InitOptions()))
    assert person.answers == [], "all was asked"
    return discord


def test_a_token_becomes_a_file_and_an_invite_link(file: Path) -> None:
    init(file, person := Person(f" {GOOD}\n"))
    assert file.read_text() == f"DISCORD_TOKEN={GOOD}\n"
    assert "Bot > Message Content Intent: on" in person.shown[0] and "Reset Token" in person.shown[0]
    assert "this is Examplebot" in person.read and "Message Content Intent is on" in person.read
    assert "https://discord.com/oauth2/authorize?client_id=42&" in person.shown[-1]
    assert GOOD not in person.read


def test_a_token_that_discord_refuses_or_that_is_none_is_asked_for_again_and_never_written(file: Path) -> None:
    discord = init(file, person := Person("hello", DEAD, GOOD))
    assert "the token should be three parts joined by dots" in person.read
    assert "Discord refused the token" in person.read
    assert discord.asked == [DEAD, GOOD] and DEAD not in file.read_text()
    with pytest.raises(DiscordRefusedError):
        init(file, Person(DEAD, DEAD, DEAD))
    with pytest.raises(DiscordRefusedError):
        init(file, Person(asks=False), InitOptions(DEAD))


def test_a_switch_that_is_off_is_named_and_looked_at_again(file: Path) -> None:
    off = replace(BOT, message_content=False, code_grant=True)
    discord = Discord(off, off, replace(off, message_content=True))
    init(file, person := Person(GOOD, True, True), discord=discord)
    assert person.read.count("Message Content Intent is off") == 2 and len(discord.asked) == 3
    assert "https://discord.com/developers/applications/42/bot" in person.read
    assert person.read.index("is off") < person.read.index("Message Content Intent is on")
    assert "Requires OAuth2 Code Grant is on: turn it off" in person.read


def test_who_does_not_want_the_switch_goes_on_without(file: Path) -> None:
    init(file, person := Person(GOOD, False), discord=Discord(replace(BOT, message_content=False)))
    assert "Invite the bot" in person.shown[-1] and file.exists()


def test_another_token_is_only_replaced_by_who_wants_that(file: Path) -> None:
    file.write_text(before := f"# mine\nDISCORD_TOKEN={OTHER}\nLOG_LEVEL=DEBUG\n")
    given = {"discord_token": OTHER}
    discord = init(file, person := Person(False), given=given)
    assert file.read_text() == before and discord.asked == [OTHER]
    assert "already set" in person.read and "Invite the bot" in person.read
    with pytest.raises(ConfigurationError, match="--replace"):
        init(file, Person(asks=False), InitOptions(GOOD), given=given)
    assert file.read_text() == before
    init(file, Person(asks=False), InitOptions(GOOD, replace=True), given=given)
    assert file.read_text() == before.replace(OTHER, GOOD)
    init(file, Person(True, OTHER), given=given | {"discord_token": GOOD})
    assert file.read_text() == before


def test_without_a_network_it_asks_whether_to_go_on(file: Path) -> None:
    away = Discord(error=DiscordUnreachableError("Discord cannot be reached at x: y"))
    with pytest.raises(DiscordUnreachableError):
        init(file, Person(GOOD, False), discord=away)
    with pytest.raises(DiscordUnreachableError):
        init(file, Person(asks=False), InitOptions(GOOD), discord=away)
    assert not file.exists()
    init(file, person := Person(GOOD, True), discord=away)
    assert "cannot be reached" in person.read and "Invite" not in person.read and GOOD in file.read_text()


def test_nobody_is_asked_where_nobody_is(file: Path) -> None:
    with pytest.raises(ConfigurationError, match="--token-file"):
        init(file, Person(asks=False))
    discord = init(file, Person(asks=False), InitOptions(f"{GOOD}\n", offline=True))
    assert discord.asked == [] and file.read_text() == f"DISCORD_TOKEN={GOOD}\n"


@pytest.mark.parametrize(
    "pasted", [GOOD, f"  {GOOD}\n", f"Bot {GOOD}", f'DISCORD_TOKEN="{GOOD}"', f"DISCORD_TOKEN={GOOD}", f"'{GOOD}'"]
)
def test_what_is_copied_along_is_taken_off(pasted: str) -> None:
    assert cleaned(pasted) == GOOD
