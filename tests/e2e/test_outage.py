"""A whole outage over real sockets, in a process with a faster clock that is killed and restarted."""

import asyncio
import base64
import json
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from bot.core.outages import OutageDetector
from bot.core.reports import MINUTE
from bot.core.watch import WatchState
from bot.settings import Settings
from bot.stores import open_stores
from bot.usecases.outages.ports import WatchStep
from bot.usecases.outages.watch_states import to_document
from bot.web.serving import serving
from tests.conftest import Figure
from tests.e2e.clock import FastClock, fast_clock
from tests.e2e.conftest import MENTION, SERVICE, Town, found_town
from tests.loopback import Channel, Guild, Interaction, Message
from tests.loopback.people import NotPossible
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="package")

WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
SPEED, WITH_KILLS = 100.0, 30.0
"""How many times as fast as real time the bot's clock goes; slower where it is killed every few seconds."""
GUILDS = 6
LANES = 4
"""Towns with a bot each that are killed at the same time."""
QUIET_MINUTES = 3 * 1440
FAST_BOT = [sys.executable, "-m", "tests.e2e.fast_bot"]


class Lively(Protocol):
    """A story with people in it."""

    async def people(self) -> None: ...


@dataclass
class Story:
    """A town with servers that want to be told, and people who report while `failing`."""

    town: Town
    clock: FastClock
    failing: bool = False
    guilds: list[Guild] = field(default_factory=list)
    cards: dict[int, Interaction] = field(default_factory=dict)
    callers: list[Any] = field(default_factory=list)

    async def begin(self) -> None:
        """Servers with an outage channel and a /500 card each."""
        for _ in range(GUILDS):
            guild = self.town.guild("general", "news")
            general, owner = guild.channel("general"), guild.owner
            panel = await owner.slash(general, "setup")
            await self.town.choose(owner, panel, "outage_channel", [guild.channel("news")])
            self.guilds.append(guild)
            self.cards[guild.id] = await self.town.user().slash(general, "500")

    async def people(self) -> None:
        """Fresh people, eight a minute, who report while it fails; whether the bot is there or not."""
        number = 0
        while True:
            await self.clock.sleep(7.5)
            if not self.failing:
                continue
            number += 1
            guild = self.guilds[number % GUILDS]
            with suppress(NotPossible):
                await self.town.user(days_old=30).click(self.cards[guild.id].response, "Broken for me", wait=False)

    def announced(self, guild: Guild) -> list[Message]:
        """What the bot wrote into the outage channel; what was deleted does not count."""
        return self.town.said(guild.channel("news"))

    async def until(self, text: str) -> None:
        """Every server's announcement says so."""

        def said() -> bool:
            return all(any(text in m.text for m in self.announced(guild)) for guild in self.guilds)

        await self.town.world.until(said, 2 * PATIENCE, f"all to be told {text!r}", poll=0.05)

    def threads(self, guild: Guild) -> list[Channel]:
        return [c for c in guild.channels.values() if getattr(c, "parent", None) is guild.channel("news")]

    def check(self, outages: int) -> None:
        """One message an outage in each server, one thread, one summary; everybody called once."""
        for guild in self.guilds:
            messages, threads = self.announced(guild), self.threads(guild)
            assert len(messages) == outages, [m.text for m in messages]
            assert len(threads) == outages
            for message in messages:
                assert "the outage is over" in message.text
                came = [self.clock.at(moment) for moment, *_ in message.history[1:]]
                gaps = [b - a for a, b in pairwise(came)]
                # A minute; when they arrive here is less exact than when they were sent.
                assert all(gap >= 30 for gap in gaps), gaps
            summaries = [m for thread in threads for m in self.town.said(thread) if "closing this thread" in m.text]
            assert len(summaries) == outages
            assert all(thread.archived for thread in threads)
        called = Counter(person for guild in self.guilds for c in guild.channels.values()
                         for m in self.town.said(c) for person in m.pings)  # fmt: skip
        assert called == Counter({str(user.id): 1 for user in self.callers})


async def usual_days(town: Town, since: float) -> None:
    """What the bot would have learned on quiet days, one report an hour: written into its database."""
    detector, last = OutageDetector(), int(since) // MINUTE
    for minute in range(last - QUIET_MINUTES, last):
        ago = last - minute  # the newest half an hour ago: a nearer one would be taken for the first of the outage
        detector.update(minute, int(ago % 60 == 30), int(15 < ago % 60 <= 30))
    settings = Settings(database_url=town.env["DATABASE_URL"])
    async with open_stores(settings, [SERVICE]) as stores:
        await stores.outages.write(WatchStep(SERVICE, to_document(WatchState(SERVICE, detector, last))))


@asynccontextmanager
async def begun(town: Town, speed: float = SPEED) -> AsyncIterator[Story]:
    """A story with its bot and its people, after some usual days."""
    async with fast_clock(town.folder / "clock", speed) as clock:
        town.command, town.env = FAST_BOT, town.env | {"FAST_CLOCK": str(clock.folder)}
        await usual_days(town, clock.since)
        story = Story(town, clock)
        await town.start()
        await story.begin()
        async with lively(story):
            yield story


@asynccontextmanager
async def lively(story: Lively) -> AsyncIterator[None]:
    """The people of a story are there."""
    crowd = asyncio.create_task(story.people())
    try:
        yield
    finally:
        crowd.cancel()


async def kill(town: Town) -> None:
    """Power off: nothing is said goodbye to."""
    town.bot.process.kill()
    await town.bot.process.wait()
    await town.world.until(lambda: not town.world.gateway.connections, what="the connection's end", poll=0.01)


@asynccontextmanager
async def receiver(town: Town) -> AsyncIterator[dict[str, tuple[str, str]]]:
    """A receiver of the bot's webhooks, which takes only every other message.

    Gives the moment and the kind of those it took, by id.
    """
    taken, came = dict[str, tuple[str, str]](), list[str]()

    async def take(request: web.Request) -> web.Response:
        sent, body = request.headers, await request.text()
        came.append(sent["webhook-id"])
        # The bot's clock is ahead of ours, so the moment is not compared.
        at = datetime.fromtimestamp(int(sent["webhook-timestamp"]), UTC)
        if Webhook(WEBHOOK_SECRET).sign(sent["webhook-id"], at, body) != sent["webhook-signature"]:
            return web.Response(status=401)
        if len(came) % 2:
            return web.Response(status=503)
        event = json.loads(body)
        taken[sent["webhook-id"]] = event["timestamp"], event["type"]
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/in", take)
    async with serving(app) as port:
        town.env |= {"WEBHOOK_URLS": f"http://127.0.0.1:{port}/in", "WEBHOOK_SECRET": WEBHOOK_SECRET}
        yield taken


async def test_an_outage_is_told_once_through_a_kill_and_a_restart(bare_town: Town, figure: Figure) -> None:
    async with receiver(bare_town) as taken:
        await tell_once(bare_town, figure)
        await bare_town.world.until(lambda: not bare_town.rows("SELECT id FROM webhook"), what="all webhooks taken")
    # One that was refused is sent again, and may come after a later one: the moment in it tells the order.
    kinds = [kind for _, kind in sorted(taken.values(), key=itemgetter(0))]
    assert kinds[0] == "outage.announced" and kinds[-2:] == ["outage.recovering", "outage.ended"], kinds
    assert set(kinds[1:-2]) <= {"outage.updated"}


async def tell_once(bare_town: Town, figure: Figure) -> None:
    async with begun(bare_town) as story:
        clock = story.clock
        story.failing, began = True, clock()
        await story.until("it's not just you")
        [level] = bare_town.rows("SELECT json_extract(document, '$.detected') FROM outage")
        last = max(message.created for guild in story.guilds for message in story.announced(guild))
        figure(f"all six servers told {clock.at(last) - level[0]:.0f} s of the bot's after the level")
        for guild in story.guilds[:3]:
            caller = bare_town.user()
            story.callers.append(caller)
            await caller.click(story.announced(guild)[0], "Tell me when it's back")
        await kill(bare_town)
        await bare_town.start()
        await clock.sleep(2.5 * MINUTE)
        story.failing, ended = False, clock()
        await story.until("looks back to normal")
        [(stored_began, stored_ended)] = bare_town.rows("SELECT began, json_extract(document, '$.ended') FROM outage")
        # Nobody reports while the bot starts, which takes minutes of its clock on a busy machine.
        assert abs(stored_began - began) <= 15 * MINUTE and abs(stored_ended - ended) <= 15 * MINUTE
        minutes = round((stored_ended - stored_began) / MINUTE)
        assert all(f"about **{minutes} minutes**" in story.announced(guild)[0].text for guild in story.guilds)
        await bare_town.stop()
        await bare_town.start()
        await story.until("the outage is over")
        await bare_town.world.until(lambda: not bare_town.rows("SELECT id FROM post"), what="all posts done", poll=0.05)
        story.check(1)
        assert bare_town.rows("SELECT * FROM subscriber") == []


async def test_after_a_kill_the_replies_of_the_outage_are_brought_to_its_end(bare_town: Town) -> None:
    """Their ids are in the database, and they went on claiming an outage that was over."""
    async with begun(bare_town) as story:
        channels = [guild.channel("general") for guild in story.guilds[:2]]
        for channel in channels:
            await bare_town.turn_on(channel.guild, channel)
        story.failing = True
        await story.until("it's not just you")
        for _ in range(2):
            for channel in channels:
                await bare_town.user().say(channel, MENTION)
            await bare_town.heard_out(*channels)
            await story.clock.sleep(150)  # a channel is answered again after two minutes

        def replies() -> list[str]:
            return [one.text for channel in channels for one in bare_town.said(channel) if one.reply_to]

        assert len(replies()) == 4 and all("It's not just you" in text for text in replies())
        story.failing = False
        await kill(bare_town)
        story.clock.skip(5 * MINUTE)
        await bare_town.start()
        await bare_town.world.until(
            lambda: all("Looks back to normal" in text for text in replies()), 2 * PATIENCE, "all replies to say it"
        )
        assert not any("report trouble with" in text for text in replies())


async def test_one_account_that_reports_and_takes_it_back_announces_nothing(bare_town: Town) -> None:
    """Alternately, for a quarter of an hour of the bot's: it once told six servers of five people."""
    async with begun(bare_town) as story:
        user, card = bare_town.user(), story.cards[story.guilds[0].id].response
        ends = story.clock() + 15 * MINUTE
        while story.clock() < ends:
            answer = await user.click(card, "Broken for me")
            await story.clock.sleep(MINUTE)
            await user.click(answer, "Works for me again")
            await story.clock.sleep(MINUTE)
        assert bare_town.rows("SELECT * FROM report") == []
        assert bare_town.rows("SELECT * FROM outage WHERE phase != 'dismissed'") == []
        assert not any(story.announced(guild) for guild in story.guilds)


async def test_servers_where_the_bot_is_not_spread_no_outage(bare_town: Town) -> None:
    """A raid of one server, with aged accounts in empty servers of their own: told in the raided server alone."""
    async with begun(bare_town) as story:
        raided, *others = story.guilds
        own = [bare_town.world.guild_without_bot(f"Own {number}", channels=["general"]) for number in range(9)]
        places = [place.channel("general") for place in own] + [raided.channel("general")] * 16
        while places:  # five at once, as the clock runs on while they are under way
            some, places = places[:5], places[5:]
            await asyncio.gather(*(bare_town.user(days_old=30).slash(place, "report") for place in some))
            await story.clock.sleep(2.5 * MINUTE)
        posts = bare_town.world.until(lambda: story.announced(raided), PATIENCE, "the raided server to be told")
        assert "it's not just you" in (await posts)[0].text
        await story.clock.sleep(5 * MINUTE)
        assert not any(story.announced(guild) for guild in others)


async def kill_through(folder: Path, seed: int, kills: int) -> tuple[int, int]:
    """Outages in a town of its own, with so many kills at random points; gives kills and outages."""
    async with found_town(folder) as town:
        rng, killed, outages = random.Random(seed), 0, 0
        async with begun(town, WITH_KILLS) as story:
            while killed < kills:
                story.failing = True
                ends = story.clock() + 22 * MINUTE
                while story.clock() < ends or not story_is_on(town):
                    await story.clock.sleep(rng.uniform(0, 4 * MINUTE))
                    await kill(town)
                    killed += 1
                    await town.start()
                story.failing = False
                while town.rows("SELECT id FROM outage WHERE phase IN ('suspected', 'on', 'recovering')"):
                    await story.clock.sleep(rng.uniform(0, 4 * MINUTE))
                    if killed < kills:
                        await kill(town)
                        killed += 1
                        await town.start()
                await town.world.until(lambda: not town.rows("SELECT id FROM post"), what="all told", poll=0.1)
                outages = town.rows("SELECT count(*) FROM outage WHERE phase = 'over'")[0][0]
            story.check(outages)
        town.assert_clean()
    return killed, outages


@pytest.mark.faults
@pytest.mark.timeout(2400)
async def test_outages_are_told_once_with_kill_9_at_two_hundred_random_points(tmp_path: Path, figure: Figure) -> None:
    folders = [tmp_path / str(worker_id) for worker_id in range(LANES)]
    for folder in folders:
        folder.mkdir()
    lives = await asyncio.gather(*(kill_through(folder, seed, 200 // LANES) for seed, folder in enumerate(folders)))
    kills, outages = (sum(numbers) for numbers in zip(*lives, strict=True))
    assert kills >= 200
    figure(f"killed {kills} times in {outages} outages: told once each in {GUILDS} servers")


def story_is_on(town: Town) -> bool:
    """Whether there is an outage at this moment."""
    return bool(town.rows("SELECT id FROM outage WHERE phase = 'on'"))
