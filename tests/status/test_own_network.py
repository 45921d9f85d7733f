"""A fault of our own network is not a fault of the service: control targets distinguish the two."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import pytest

from bot.core.guild_settings import GuildSettings
from bot.core.signals import Cause, Reading, Signal, SignalBoard, State
from bot.status.controls import VALID_FOR, Controls
from bot.status.fetch import Fetcher
from bot.status.looker import Looker
from bot.usecases.reports.check_status import MIN_GAP, CheckStatus
from bot.usecases.services import Services
from tests.patience import PATIENCE
from tests.status.conftest import IMPATIENT, FakeClock, Serve, Watching
from tests.status.servers import moved, page, probe, reply, reset, summary
from tests.usecases.fakes import a_service
from tests.usecases.outages.outage_world import SERVICE, World

HELLO = reply(summary())
NOTHING = reply(b"", status="204 No Content")
QUIET = [0] * 20
SOME = [0] * 3 + [1, *[0] * 12] * 3 + [0] * 5
MANY = [0] * 3 + [5] * 15


def said(reading: Reading) -> tuple[State, Cause]:
    return reading.state, reading.cause


async def resets(_head: str, writer: asyncio.StreamWriter) -> None:
    reset(writer)


async def silent(_head: str, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(2 * PATIENCE)


async def test_a_dead_network_says_nothing_of_the_service(watching: Watching, nobody: str) -> None:
    looker = await watching(nobody, nobody)

    for source in (probe(nobody), page(nobody)):
        assert said(await looker.look(source)) == (State.UNKNOWN, Cause.OWN_NETWORK)


async def test_a_probe_that_cannot_be_connected_to_is_in_doubt_then_down_and_a_page_never(
    serve: Serve, watching: Watching, clock: FakeClock, nobody: str
) -> None:
    looker, board = await watching((await serve(NOTHING)).url, nobody), SignalBoard()
    held: list[tuple[State, Cause]] = []
    for source in (probe(nobody), probe(nobody), page(nobody), page(nobody), page(nobody)):
        clock.now += MIN_GAP
        held.append(said(board.put("example", await looker.look(source)).now))

    refused = Cause.REFUSED
    assert held == [(State.UNKNOWN, refused), (State.DOWN, refused), *[(State.UNKNOWN, refused)] * 3]


@pytest.mark.parametrize(
    "answer",
    [
        NOTHING,
        HELLO,
        reply(b"", status="500 No"),
        reply(b"", status="403 No"),
        reply(b"", status="429 No"),
        moved("/again"),
        moved("http://127.0.0.1:1/"),
        moved("ftp://example.org/"),
        HELLO[:-10],
        reply(b" " * (1024 * 1024)),
    ],
    ids=["204", "200", "500", "403", "429", "loop", "away", "elsewhere", "cut short", "huge"],
)
async def test_any_http_answer_of_any_control_target_says_that_the_network_works(
    serve: Serve, watching: Watching, nobody: str, answer: bytes
) -> None:
    looker = await watching(nobody, (await serve(answer)).url)

    assert said(await looker.look(probe(nobody))) == (State.DOWN, Cause.REFUSED)


@pytest.mark.parametrize("answer", [b"", resets, silent, b"SSH-2.0-OpenSSH_9.6\r\n"])
async def test_what_is_not_http_is_no_answer_of_a_control_target(
    serve: Serve, watching: Watching, nobody: str, answer: bytes | Callable[..., Awaitable[None]]
) -> None:
    control = await serve(answer)
    looker = await watching(control.url, control.url, controls_have=IMPATIENT)

    assert said(await looker.look(probe(nobody))) == (State.UNKNOWN, Cause.OWN_NETWORK)


async def test_the_first_answer_counts_and_the_silent_ones_are_not_waited_for(
    serve: Serve, watching: Watching, nobody: str
) -> None:
    dumb, fine = await serve(silent), await serve(NOTHING)
    looker = await watching(dumb.url, fine.url)

    reading = await asyncio.wait_for(looker.look(probe(nobody)), PATIENCE)

    assert said(reading) == (State.DOWN, Cause.REFUSED)
    assert dumb.visits == 1


async def test_many_who_fail_at_once_ask_once_and_again_after_ten_seconds(
    serve: Serve, watching: Watching, clock: FakeClock, nobody: str
) -> None:
    control = await serve(NOTHING)
    looker = await watching(nobody, control.url)

    await asyncio.gather(*(looker.look(probe(f"{nobody}/{number}")) for number in range(50)))
    assert control.visits == 1
    clock.now += VALID_FOR - 0.1
    await looker.look(probe(nobody))
    assert control.visits == 1
    clock.now += 0.1
    await looker.look(probe(nobody))
    assert control.visits == 2
    clock.now -= 86_400
    await looker.look(probe(nobody))
    assert control.visits == 3


def test_no_two_looks_at_a_service_rest_on_one_answer_of_the_control_targets() -> None:
    assert VALID_FOR <= MIN_GAP


async def test_one_who_stops_waiting_does_not_spoil_the_question_for_the_next(serve: Serve, clock: FakeClock) -> None:
    control = await serve(silent)
    async with Fetcher(allow_private=True) as fetcher:
        controls = Controls(fetcher, [control.url], clock)
        impatient = asyncio.create_task(controls.answer())
        while not control.visits:  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.01)
        waiting = asyncio.create_task(controls.answer())
        impatient.cancel()
        control.answer = NOTHING

        assert await asyncio.wait_for(waiting, PATIENCE)


async def test_control_targets_are_left_alone_while_sources_answer(serve: Serve, watching: Watching) -> None:
    control = await serve(NOTHING)
    looker = await watching(control.url, control.url)
    for answer in (HELLO, reply(b"", status="503 No"), reply(b"", status="404 No"), b"not HTTP\r\n\r\n", HELLO[:-9]):
        await looker.look(page(await serve(answer)))
        await looker.look(probe(await serve(answer)))

    assert control.visits == 0


@pytest.mark.parametrize("target", ["http://127.0.0.1:1/", "http://nope.invalid/"])
async def test_a_redirect_to_where_nothing_is_does_not_count_against_the_service(
    serve: Serve, watching: Watching, target: str
) -> None:
    looker = await watching((await serve(NOTHING)).url)

    reading = await looker.look(probe(await serve(moved(target))))

    assert reading.state is State.UNKNOWN


async def test_a_service_comes_back_at_the_first_look_that_reaches_it_and_is_in_doubt_again_after_that(
    serve: Serve, watching: Watching, clock: FakeClock
) -> None:
    control, site = await serve(NOTHING), await serve(resets)
    looker, board, states = await watching(control.url), SignalBoard(), list[State]()
    for answer in (resets, resets, resets, reply({"redis": "UP"}), resets, reply({"redis": "UP"}), resets, resets):
        site.answer, clock.now = answer, clock.now + 20
        states.append(board.put("example", await looker.look(probe(site))).now.state)

    up, down, doubt = State.UP, State.DOWN, State.UNKNOWN
    assert states == [doubt, down, down, up, doubt, up, doubt, down]


async def test_a_network_that_dies_while_a_service_is_down_leaves_it_unknown(
    serve: Serve, watching: Watching, clock: FakeClock, nobody: str
) -> None:
    control = await serve(NOTHING)
    looker, board, held = await watching(control.url), SignalBoard(), list[tuple[State, Cause]]()
    for answer in (NOTHING, NOTHING, resets, NOTHING, NOTHING):
        control.answer, clock.now = answer, clock.now + 20
        held.append(said(board.put("example", await looker.look(probe(nobody))).now))

    blind, doubt, down = (
        (State.UNKNOWN, Cause.OWN_NETWORK),
        (State.UNKNOWN, Cause.REFUSED),
        (State.DOWN, Cause.REFUSED),
    )
    assert held == [doubt, down, blind, doubt, down]


async def test_a_look_that_left_doubt_or_was_blind_is_soon_followed_by_another(
    serve: Serve, watching: Watching, clock: FakeClock, nobody: str
) -> None:
    control = await serve(NOTHING)
    looker, board = await watching(control.url), SignalBoard()
    service = replace(a_service(), sources=(probe(nobody),))
    check = CheckStatus(looker, board, clock)

    await check.look(service)
    assert check.in_trouble(service)

    control.answer, clock.now = resets, clock.now + 20
    await check.look(service)
    seen = board.get(service.id, Signal.PROBE)
    assert seen is not None and seen.now.cause is Cause.OWN_NETWORK
    assert check.in_trouble(service)


class WatchedWorld(World):
    """The world of outages, with a service whose sources are looked at over real sockets. No controls: no looks."""

    def __init__(self, url: str, fetcher: Fetcher, *controls: str, well_before: bool = False) -> None:
        super().__init__({50: GuildSettings(outage_channel=7)})
        self.well_before = well_before
        self.service = replace(a_service(SERVICE), sources=(probe(url), page(url)))
        self.services = Services([self.service])
        looker = Looker(fetcher, self.clock, Controls(fetcher, controls, self.clock))
        self._check = CheckStatus(looker, self.signals, self.clock) if controls else None

    async def live(self, crowd: Sequence[int]) -> None:
        """So many people report in each of these minutes."""
        await self.learn()
        await self.start()
        if self.well_before:
            self.signals.put(SERVICE, Reading(Signal.PROBE, State.UP, Cause.ANSWERED, self.clock()))
            await self.minute()
        for people in crowd:
            if self._check is not None:
                await self._check.look(self.service)
            await self.minute(people)

    @property
    def probed(self) -> tuple[State, Cause]:
        seen = self.signals.get(SERVICE, Signal.PROBE)
        assert seen is not None
        return said(seen.now)


@pytest.mark.parametrize("crowd", [QUIET, SOME, MANY], ids=["nobody", "some", "many"])
async def test_a_dead_network_moves_nothing(nobody: str, crowd: Sequence[int]) -> None:
    async with Fetcher(allow_private=True) as fetcher:
        unwatched, blind = WatchedWorld(nobody, fetcher), WatchedWorld(nobody, fetcher, nobody, nobody)
        await unwatched.live(crowd)
        await blind.live(crowd)

    assert blind.probed == (State.UNKNOWN, Cause.OWN_NETWORK)
    assert blind.disk == unwatched.disk
    assert len(blind.channels.messages) == (crowd is MANY)


async def test_a_service_that_cannot_be_reached_backs_the_word_of_the_people_and_calls_nothing_alone(
    serve: Serve, nobody: str
) -> None:
    control = await serve(NOTHING)
    async with Fetcher(allow_private=True) as fetcher:
        alone, unbacked = WatchedWorld(nobody, fetcher, control.url, well_before=True), WatchedWorld(nobody, fetcher)
        backed = WatchedWorld(nobody, fetcher, control.url, well_before=True)
        await alone.live(QUIET)
        await unbacked.live(SOME)
        await backed.live(SOME)

    assert alone.probed == backed.probed == (State.DOWN, Cause.REFUSED)
    assert alone.disk.kept == unbacked.disk.kept == {}
    assert backed.disk.kept
