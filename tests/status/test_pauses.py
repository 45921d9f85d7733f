"""A source that asks for fewer requests gets fewer, a closed one is polled rarely; both recover by themselves."""

from email.utils import formatdate
from pathlib import Path

import pytest

from bot.app import open_app
from bot.core.signals import Cause, Signal, SignalBoard, State
from bot.settings import Settings
from bot.status.looker import Looker
from bot.usecases.reports.look_regularly import LOOK_EVERY, LOOK_IN_TROUBLE_EVERY, LOOK_WHEN_GONE_EVERY, until_next_look
from tests.resources import resources
from tests.status.conftest import FakeClock, Serve
from tests.status.servers import page, probe, reply, summary

HELLO = reply(summary())


def too_many(*headers: str) -> bytes:
    return reply(b"", *headers, status="429 Too Many Requests")


async def rest(looker: Looker, clock: FakeClock, answer: bytes, serve: Serve) -> float:
    """For how many seconds a source that answers this is left alone."""
    site, began = await serve(answer), clock.now
    await looker.look(page(site))
    while len(site.heads) < 2:
        clock.now += 5
        await looker.look(page(site))
    return clock.now - began


@pytest.mark.parametrize(
    ("asked", "left_alone"),
    [
        ((), 60),
        (("Retry-After: 1",), 60),
        (("Retry-After: 300",), 300),
        (("Retry-After: 86400",), 900),
        (("Retry-After: 999999999999999999999",), 900),
        (("Retry-After: -5",), 60),
        (("Retry-After: soon",), 60),
        (("Retry-After: " + "9" * 5000,), 900),
        (("Retry-After: " + formatdate(FakeClock().now + 120, usegmt=True),), 120),
        (("Retry-After: " + formatdate(FakeClock().now + 120),), 120),
        (("Retry-After: " + formatdate(0, usegmt=True),), 60),
        (("Retry-After: Mon, 99 Foo 99999 99:99:99 GMT",), 60),
    ],
    ids=lambda value: repr(value)[:60],
)
@pytest.mark.usefixtures("far_from_utc")
async def test_a_source_that_says_429_is_left_alone_as_long_as_it_asks_within_reason(
    serve: Serve, looker: Looker, clock: FakeClock, asked: tuple[str, ...], left_alone: float
) -> None:
    assert await rest(looker, clock, too_many(*asked), serve) == left_alone


async def test_a_source_that_goes_on_saying_429_is_asked_ever_less(
    serve: Serve, looker: Looker, clock: FakeClock
) -> None:
    site, began = await serve(too_many()), clock.now
    while clock.now - began < 24 * 3600:
        await looker.look(page(site))
        clock.now += 20

    assert len(site.heads) <= 4 + 24 * 4 + 1


async def test_what_was_read_stands_meanwhile_with_its_age_and_the_source_comes_back_by_itself(
    serve: Serve, looker: Looker, clock: FakeClock
) -> None:
    site, board = await serve(too_many("Retry-After: 120")), SignalBoard()
    first = board.put("example", await looker.look(page(site))).now
    site.answer, clock.now = HELLO, clock.now + 119
    resting = board.put("example", await looker.look(page(site))).now
    clock.now += 1
    back = board.put("example", await looker.look(page(site))).now

    assert (resting.state, resting.cause, resting.at) == (State.UNKNOWN, Cause.RATE_LIMITED, first.at)
    assert (back.state, back.at) == (State.UP, clock.now)


async def test_after_an_answer_the_rests_begin_short_again(serve: Serve, looker: Looker, clock: FakeClock) -> None:
    site = await serve(b"")
    for answer, later in [(too_many("Retry-After: 900"), 900), (HELLO, 20), (too_many(), 59), (HELLO, 1), (HELLO, 0)]:
        site.answer = answer
        await looker.look(page(site))
        clock.now += later

    asked = [head.split()[1] for head in site.heads]
    assert asked.count("/api/v2/summary.json") == 3
    assert asked[0] == asked[1] == "/api/v1/summary", "one request, and after the pause the first look"


async def test_a_clock_that_jumps_back_does_not_make_the_rest_longer(
    serve: Serve, looker: Looker, clock: FakeClock
) -> None:
    site = await serve(too_many("Retry-After: 900"))
    await looker.look(page(site))
    site.answer, clock.now = HELLO, clock.now - 86_400

    assert (await looker.look(page(site))).state is State.UP


async def test_one_source_at_rest_does_not_keep_another_from_being_looked_at(serve: Serve, looker: Looker) -> None:
    await looker.look(page(await serve(too_many())))

    assert (await looker.look(probe(await serve(HELLO)))).state is State.UP


async def test_a_page_that_is_gone_is_asked_every_quarter_of_an_hour_and_comes_back_by_itself(
    serve: Serve, clock: FakeClock, tmp_path: Path
) -> None:
    """The app as it runs, but for the waiting: the clock goes on by the pause that it would make."""
    site = await serve(reply(b"", status="404 Not Found"))
    folder = tmp_path / "services" / "character-ai"
    folder.mkdir(parents=True)
    url = f'url = "{site.url}"\n'
    (folder / "service.toml").write_text(f'[sources.official]\nkind = "statuspage"\n{url}[sources.probe]\n{url}')
    settings = Settings(
        database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}",
        services_dir=tmp_path / "services",
        allow_private_status_hosts=True,
    )
    pauses: list[float] = []
    async with open_app(settings, clock=clock, resources=resources(), jobs=False) as app:
        service = app.base.services.default

        async def live(hours: float) -> list[float]:
            pauses.clear()
            until = clock.now + hours * 3600
            while clock.now < until:
                await app.status.check.look(service)
                pauses.append(until_next_look(app.status.check, service))
                clock.now += pauses[-1]
            return pauses

        assert await live(24) == [LOOK_WHEN_GONE_EVERY] * 96
        site.answer = reply({**summary(), "redis": "UP"})
        assert await live(1) == [LOOK_EVERY] * 60
        seen = app.base.signals.get(service.id, Signal.OFFICIAL)
        assert seen is not None and seen.now.state is State.UP
        site.answer = reply(summary(), status="503 No")
        assert await live(1) == [LOOK_IN_TROUBLE_EVERY] * 180
