"""Several services over real sockets: two that fail at once, and files that change while the bot runs."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from bot.core.outages import OutageDetector
from bot.core.reports import MINUTE
from bot.core.watch import WatchState
from bot.settings import Settings
from bot.stores import open_stores
from bot.usecases.outages.ports import WatchStep
from bot.usecases.outages.watch_states import to_document
from tests.content.test_services import SERVICE as FILE
from tests.content.test_services import write
from tests.e2e.clock import FastClock, fast_clock
from tests.e2e.conftest import SERVICE, Town
from tests.e2e.test_outage import FAST_BOT, QUIET_MINUTES, SPEED, lively
from tests.loopback import Guild, Message
from tests.loopback.people import NotPossible
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="package")

OTHER = "examplia"
NAMES = {SERVICE: "Character.AI", OTHER: "Examplia"}


async def usual_days(town: Town, since: float) -> None:
    """Quiet days of both services, one report an hour: written into the bot's database."""
    detector, last = OutageDetector(), int(since) // MINUTE
    for minute in range(last - QUIET_MINUTES, last):
        ago = last - minute
        detector.update(minute, int(ago % 60 == 30), int(15 < ago % 60 <= 30))
    settings = Settings(database_url=town.env["DATABASE_URL"])
    async with open_stores(settings, list(NAMES)) as stores:
        for service in NAMES:
            await stores.outages.write(WatchStep(service, to_document(WatchState(service, detector, last))))


class Failing:
    """Servers that follow both services, and people who report those that are `failing`."""

    def __init__(self, town: Town, clock: FastClock) -> None:
        self.town = town
        self.clock = clock
        self.failing: set[str] = set()
        self.guilds: list[Guild] = []
        self.cards: dict[tuple[int, str], Any] = {}

    async def begin(self) -> None:
        for _ in range(4):
            guild = self.town.guild("general", "news")
            general, owner = guild.channel("general"), guild.owner
            panel = await owner.slash(general, "setup")
            await self.town.choose(owner, panel, "more_services", [OTHER])
            await self.town.choose(owner, panel, "outage_channel", [guild.channel("news")])
            self.guilds.append(guild)
            for service in NAMES:
                self.cards[guild.id, service] = await self.town.user().slash(general, "500", service=service)

    async def people(self) -> None:
        number = 0
        while True:
            await self.clock.sleep(7.5)
            for service in sorted(self.failing):
                number += 1
                guild = self.guilds[number // 2 % len(self.guilds)]
                with suppress(NotPossible):
                    card = self.cards[guild.id, service]
                    await self.town.user().click(card.response, "Broken for me", wait=False)

    def posts(self, guild: Guild, service: str) -> list[Message]:
        return [one for one in self.town.said(guild.channel("news")) if one.text.startswith(f"## {NAMES[service]}")]

    async def until(self, service: str, text: str) -> None:
        def said() -> bool:
            return all([text in one.text for one in self.posts(guild, service)] == [True] for guild in self.guilds)

        await self.town.world.until(said, 2 * PATIENCE, f"all to be told of {service}: {text!r}", poll=0.05)


async def test_two_services_that_fail_at_once_do_not_mix(bare_town: Town) -> None:
    write(bare_town.folder / "services", service=FILE[: FILE.index("[sources")] + FILE[FILE.index("[symptoms]") :])
    async with fast_clock(bare_town.folder / "clock", SPEED) as clock:
        bare_town.command, bare_town.env = FAST_BOT, bare_town.env | {"FAST_CLOCK": str(clock.folder)}
        await usual_days(bare_town, clock.since)
        await bare_town.start()
        story = Failing(bare_town, clock)
        await story.begin()
        async with lively(story):
            story.failing = set(NAMES)
            for service in NAMES:
                await story.until(service, "it's not just you")
            callers = {service: bare_town.user() for service in NAMES}
            for service, caller in callers.items():
                [message] = story.posts(story.guilds[0], service)
                await caller.click(message, "Tell me when it's back")
            story.failing = {OTHER}
            await story.until(SERVICE, "looks back to normal")
            await story.until(OTHER, "it's not just you")

            def pings() -> set[int]:
                said = [one for c in story.guilds[0].channels.values() for one in bare_town.said(c)]
                return {int(person) for one in said for person in one.pings}

            await bare_town.world.until(
                lambda: callers[SERVICE].id in pings(), PATIENCE, "the one who waited", poll=0.05
            )
            assert callers[OTHER].id not in pings()
            story.failing = set()
            await story.until(OTHER, "looks back to normal")
            await bare_town.world.until(lambda: callers[OTHER].id in pings(), PATIENCE, "the other", poll=0.05)
    by_service = bare_town.rows(
        "SELECT service.slug, count(*) FROM report JOIN service ON service.id = report.service_id GROUP BY 1"
    )
    assert {slug for slug, _ in by_service} == set(NAMES)
    outages = bare_town.rows("SELECT service.slug FROM outage JOIN service ON service.id = outage.service_id")
    assert sorted(slug for (slug,) in outages) == sorted(NAMES)


async def offered(town: Town) -> set[str]:
    """The services that a member is offered."""
    user = town.user()
    typed = await user.autocomplete(user.dm(), "500", "service", "")
    return {choice["value"] for choice in typed.choices}


async def becomes(town: Town, expected: Callable[[set[str]], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not expected(await offered(town)):  # noqa: ASYNC110 - it is told when asked
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("hangup", [False, True], ids=["noticed", "SIGHUP"])
async def test_service_files_take_effect_without_a_restart(bare_town: Town, hangup: bool) -> None:
    bare_town.trouble_expected = True
    folder = bare_town.folder / "services"
    await bare_town.start()
    channel = bare_town.channel()

    def reload() -> None:
        if hangup:
            bare_town.bot.process.send_signal(signal.SIGHUP)

    assert OTHER not in await offered(bare_town)
    write(folder)
    reload()
    await becomes(bare_town, lambda ids: OTHER in ids)
    card = await bare_town.user().slash(channel, "500", service=OTHER)
    await bare_town.user().click(card.response, "Broken for me")
    assert bare_town.rows("SELECT count(*) FROM report") == [(1,)]

    file = folder / OTHER / "service.toml"
    file.write_text(FILE.replace('name = "Examplia"', 'name = "Renamia"'))
    reload()
    async with asyncio.timeout(PATIENCE):
        while "Renamia" not in (await bare_town.user().slash(channel, "500", service=OTHER)).text:  # noqa: ASYNC110
            await asyncio.sleep(0.1)

    file.write_text(FILE.replace("[symptoms]", "[wrong]"))
    reload()
    log = bare_town.bot.output
    await bare_town.world.until(lambda: "service file invalid" in log(), PATIENCE, "the fault in the log", poll=0.05)
    assert "examplia/service.toml" in log() and "wrong" in log()
    assert "Renamia" in (await bare_town.user().slash(channel, "500", service=OTHER)).text

    for one in (file, folder / OTHER / "guide.en.toml"):
        one.unlink()
    file.parent.rmdir()
    reload()
    await becomes(bare_town, lambda ids: OTHER not in ids)
    gone = await bare_town.user().click(card.response, "Broken for me")
    assert "Renamia" not in gone.text
    assert bare_town.bot.process.returncode is None
    await bare_town.answers()
