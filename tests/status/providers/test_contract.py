"""Common tests for every kind of status page, with a local server and a recording of each."""

import asyncio
import json
from typing import Any, cast

import pytest

from bot.core.service import AUTO, PAGE_KINDS, WITHOUT_PARTS, Source
from bot.core.signals import Cause, Signal, State
from bot.status.looker import LOST_FOR, RECOGNISED_FOR, Looker
from bot.status.page import MAX_EVENTS
from bot.status.registry import PROVIDERS
from tests.status.conftest import FakeClock, Serve
from tests.status.providers.recordings import ALL, FEED, INCIDENT_IO, STATUSPAGE, TITLE, Answers, Plain, Recording, body
from tests.status.servers import LINK, Site, reply

STARTED = 1_772_366_400.0
"""`recordings.BEGAN`."""
RECOGNISABLE = [one for one in ALL if one.kind != "json"]
WITH_PARTS = [one for one in ALL if one.part is not None]
DATED = [one for one in ALL if one.kind not in {"incident.io", "json"}]

each = pytest.mark.parametrize("recorded", ALL, ids=lambda one: one.kind)
each_recognisable = pytest.mark.parametrize("recorded", RECOGNISABLE, ids=lambda one: one.kind)


class Pages:
    """A site whose pages a test changes; what it does not have is not found."""

    def __init__(self, site: Site, answers: Answers) -> None:
        self.site = site
        self.show(answers)

    def show(self, answers: Answers) -> None:
        async def talk(head: str, writer: asyncio.StreamWriter) -> None:
            path = head.split(" ", 2)[1].partition("?")[0]
            if path in answers:
                kind, content = body(answers[path])
                writer.write(reply(content, f"Content-Type: {kind}"))
            else:
                writer.write(reply("nothing here", status="404 Not Found"))
            await writer.drain()

        self.site.answer = talk

    def source(self, recorded: Recording, *components: str, kind: str | None = None) -> Source:
        return source_of(self.site, recorded, *components, kind=kind)


def source_of(site: Site, recorded: Recording, *components: str, kind: str | None = None) -> Source:
    states = {State(state): frozenset(words) for state, words in recorded.extra.get("states", {}).items()}
    return Source(
        Signal.OFFICIAL,
        kind or recorded.kind,
        site.url + recorded.path,
        LINK,
        components=components,
        pointer=recorded.extra.get("pointer", ""),
        states=states,
    )


async def pages(serve: Serve, answers: Answers) -> Pages:
    return Pages(await serve(b""), answers)


def test_every_kind_that_service_files_may_name_has_a_provider_and_a_recording() -> None:
    assert set(PROVIDERS) == set(PAGE_KINDS) == {one.kind for one in ALL}
    assert {one.kind for one in ALL if one.part is None} == WITHOUT_PARTS & set(PAGE_KINDS)


@each
async def test_a_healthy_page_is_up_and_shows_nothing(recorded: Recording, serve: Serve, looker: Looker) -> None:
    site = await pages(serve, recorded.well)

    reading = await looker.look(site.source(recorded))

    assert (reading.state, reading.cause) == (State.UP, Cause.ANSWERED)
    assert (reading.incidents, reading.maintenances) == ((), ())


@each_recognisable
async def test_a_page_is_recognised_from_its_address_alone(recorded: Recording, serve: Serve, looker: Looker) -> None:
    site = await pages(serve, recorded.well)
    source = site.source(recorded, kind=AUTO)

    reading = await looker.look(source)

    assert (reading.state, looker.seen_as(source).kind) == (State.UP, recorded.kind)


@each_recognisable
async def test_a_page_that_the_service_file_calls_another_kind_is_read_as_what_it_is(
    recorded: Recording, serve: Serve, looker: Looker
) -> None:
    site = await pages(serve, recorded.trouble["degraded"])
    source = site.source(recorded, kind="statuspage")

    reading = await looker.look(source)

    assert (reading.state, looker.seen_as(source).kind) == (State.DEGRADED, recorded.kind)


@pytest.mark.parametrize(
    ("recorded", "state"),
    [(one, state) for one in ALL for state in one.trouble],
    ids=lambda one: str(getattr(one, "kind", one)),
)
async def test_trouble_is_as_bad_as_the_page_says(
    recorded: Recording, state: str, serve: Serve, looker: Looker
) -> None:
    site = await pages(serve, recorded.trouble[state])

    reading = await looker.look(site.source(recorded))

    assert (reading.state, reading.cause) == (state, Cause.ANSWERED)
    if recorded.kind != "json":
        assert [one.title for one in reading.incidents] == [TITLE]


@pytest.mark.parametrize("recorded", DATED, ids=lambda one: one.kind)
async def test_an_incident_has_the_time_of_its_beginning(recorded: Recording, serve: Serve, looker: Looker) -> None:
    site = await pages(serve, recorded.trouble["degraded"])

    [shown] = (await looker.look(site.source(recorded))).incidents

    assert shown.since == STARTED


@pytest.mark.parametrize("recorded", DATED, ids=lambda one: one.kind)
async def test_a_beginning_that_lies_ahead_is_unknown(
    recorded: Recording, serve: Serve, looker: Looker, clock: FakeClock
) -> None:
    site = await pages(serve, recorded.trouble["degraded"])
    for early, known in ((86_400, None), (120, None), (30, STARTED - 30)):
        clock.now = STARTED - early

        [shown] = (await looker.look(site.source(recorded))).incidents

        assert shown.since == known, "a clock may be a little ahead, but nothing began later than now"


@pytest.mark.parametrize("recorded", [one for one in ALL if one.planned], ids=lambda one: one.kind)
async def test_planned_maintenance_is_told_and_changes_nothing(
    recorded: Recording, serve: Serve, looker: Looker
) -> None:
    site = await pages(serve, recorded.planned or {})

    reading = await looker.look(site.source(recorded))

    assert reading.state is State.UP
    [shown] = reading.maintenances
    assert (shown.title, shown.active) == ("Database upgrade", False)


@pytest.mark.parametrize("recorded", [one for one in ALL if one.working], ids=lambda one: one.kind)
async def test_current_maintenance_is_maintenance_and_no_trouble(
    recorded: Recording, serve: Serve, looker: Looker
) -> None:
    site = await pages(serve, recorded.working or {})

    reading = await looker.look(site.source(recorded))

    assert reading.state is State.MAINTENANCE
    assert [(one.title, one.active) for one in reading.maintenances] == [("Database upgrade", True)]
    assert reading.incidents == ()


@pytest.mark.parametrize("recorded", [one for one in ALL if one.unknown], ids=lambda one: one.kind)
async def test_a_word_that_nobody_knows_is_unknown(recorded: Recording, serve: Serve, looker: Looker) -> None:
    site = await pages(serve, recorded.unknown or {})

    reading = await looker.look(site.source(recorded))

    assert (reading.state, reading.cause) == (State.UNKNOWN, Cause.UNKNOWN_VALUE)


@pytest.mark.parametrize("recorded", WITH_PARTS, ids=lambda one: one.kind)
@pytest.mark.parametrize(
    ("first", "second", "state"),
    [("up", "up", State.UP), ("degraded", "up", State.DEGRADED), ("up", "degraded", State.UP)],
)
async def test_only_the_parts_that_are_ours_count(
    recorded: Recording, first: str, second: str, state: State, serve: Serve, looker: Looker
) -> None:
    assert recorded.part is not None
    site = await pages(serve, recorded.part(first, second))

    reading = await looker.look(site.source(recorded, "chat"))

    assert (reading.state, reading.cause) == (state, Cause.ANSWERED)
    if state is State.DEGRADED:
        assert "Chat" in reading.detail or [one.title for one in reading.incidents] == [TITLE]


@pytest.mark.parametrize("recorded", WITH_PARTS, ids=lambda one: one.kind)
async def test_all_parts_count_if_none_is_named(recorded: Recording, serve: Serve, looker: Looker) -> None:
    assert recorded.part is not None
    site = await pages(serve, recorded.part("up", "degraded"))

    reading = await looker.look(site.source(recorded))

    assert reading.state is State.DEGRADED


@pytest.mark.parametrize(
    "recorded", [one for one in WITH_PARTS if one.kind not in {"incident.io", "google"}], ids=lambda one: one.kind
)
async def test_a_part_of_ours_in_a_state_nobody_knows_is_unknown(
    recorded: Recording, serve: Serve, looker: Looker
) -> None:
    assert recorded.part is not None
    site = await pages(serve, recorded.part("strange", "up"))

    reading = await looker.look(site.source(recorded, "p1"))

    assert (reading.state, reading.cause) == (State.UNKNOWN, Cause.UNKNOWN_VALUE)


@pytest.mark.parametrize("recorded", [one for one in ALL if one.burst], ids=lambda one: one.kind)
async def test_a_burst_of_incidents_is_one_trouble_and_is_cut(
    recorded: Recording, serve: Serve, looker: Looker
) -> None:
    assert recorded.burst is not None
    site = await pages(serve, recorded.burst(300))

    reading = await looker.look(site.source(recorded))

    assert (reading.state, len(reading.incidents)) == (State.DEGRADED, MAX_EVENTS)


@each
@pytest.mark.parametrize(
    ("answer", "state", "cause"),
    [
        (reply("", status="404 Not Found"), State.GONE, Cause.PAGE_GONE),
        (reply("", status="401 Unauthorized"), State.GONE, Cause.PAGE_GONE),
        (reply("<!DOCTYPE html><title>Deleted</title>"), State.GONE, Cause.PAGE_GONE),
        (reply("", status="503 Service Unavailable"), State.UNKNOWN, Cause.SERVER_ERROR),
        (reply("", status="429 Too Many Requests"), State.UNKNOWN, Cause.RATE_LIMITED),
        (reply("", status="403 Forbidden"), State.UNKNOWN, Cause.BLOCKED),
        (reply("not data"), State.UNKNOWN, Cause.NOT_JSON),
        (reply({"something": "else"}), State.UNKNOWN, None),
        (reply([1, 2, None, "x"]), State.UNKNOWN, None),
        (reply("null"), State.UNKNOWN, None),
        (reply("[" * 100_000), State.UNKNOWN, Cause.NOT_JSON),
    ],
    ids=["404", "401", "a web page", "503", "429", "403", "no data", "other data", "a list", "null", "nested"],
)
async def test_an_answer_that_is_no_page_is_gone_or_unknown(
    recorded: Recording, answer: bytes, state: State, cause: Cause | None, serve: Serve, looker: Looker
) -> None:
    site = await serve(answer)

    reading = await looker.look(source_of(site, recorded))

    assert reading.state is state
    assert cause is None or recorded.kind == "feed" or reading.cause is cause
    assert (reading.incidents, reading.maintenances) == ((), ())


@each
async def test_no_fault_in_a_document_raises(recorded: Recording, serve: Serve, looker: Looker) -> None:
    """Every value of a page is put to something else, one after the other."""
    answers = {**recorded.trouble["degraded"], **(recorded.working or {})}
    for path, answer in answers.items():
        if isinstance(answer, Plain):
            continue
        for broken in _broken(json.loads(json.dumps(answer))):
            site = await pages(serve, {**answers, path: broken})
            reading = await looker.look(site.source(recorded))
            assert reading.state in State


def _broken(value: Any) -> list[Any]:
    """Copies of a document, each with one value put to null, a number, a list or an object."""
    found: list[Any] = []
    if isinstance(value, dict):
        for name, inner in cast("dict[str, Any]", value).items():
            found += [{**value, name: wrong} for wrong in (None, 7, ["x"], {"x": "x"}, "\ud800")]
            found += [{**value, name: one} for one in _broken(inner)]
    elif isinstance(value, list):
        for number, inner in enumerate(cast("list[Any]", value)):
            found += [[*value[:number], one, *value[number + 1 :]] for one in (None, *_broken(inner))]
    return found


async def test_a_page_that_pretends_to_be_statuspage_is_read_by_its_own_kind(serve: Serve, looker: Looker) -> None:
    site = await pages(serve, INCIDENT_IO.trouble["down"])
    source = site.source(STATUSPAGE)

    reading = await looker.look(source)

    assert (reading.state, looker.seen_as(source).kind) == (State.DOWN, "incident.io")


@each_recognisable
@pytest.mark.parametrize("same_path", [False, True], ids=["to the page", "to the same path"])
async def test_a_page_that_redirects_to_another_host_is_read_as_what_it_is_there(
    recorded: Recording, same_path: bool, serve: Serve, looker: Looker
) -> None:
    there = await pages(serve, recorded.trouble["degraded"])
    here = await serve(b"")

    async def moved(head: str, writer: asyncio.StreamWriter) -> None:
        path = head.split(" ", 2)[1] if same_path else recorded.path or "/"
        writer.write(reply("", f"Location: {there.site.url}{path}", status="301 Moved Permanently"))
        await writer.drain()

    here.answer = moved
    source = Source(Signal.OFFICIAL, "statuspage", here.url + (recorded.path if same_path else ""), LINK)

    reading = await looker.look(source)

    assert (reading.state, looker.seen_as(source).kind) == (State.DEGRADED, recorded.kind)


@each_recognisable
async def test_a_page_that_moved_to_another_kind_is_recognised_again(
    recorded: Recording, serve: Serve, looker: Looker, clock: FakeClock
) -> None:
    other = STATUSPAGE if recorded is not STATUSPAGE else INCIDENT_IO
    site = await pages(serve, recorded.well)
    source = site.source(recorded, kind=AUTO)
    await looker.look(source)

    moved = {**other.trouble["degraded"]}
    site.show({(recorded.path or "") + path: answer for path, answer in moved.items()})
    clock.now += max(LOST_FOR, RECOGNISED_FOR)
    reading = await looker.look(source)

    assert (reading.state, looker.seen_as(source).kind) == (State.DEGRADED, other.kind)


async def test_a_page_that_came_back_as_another_kind_is_found_within_the_hour(
    serve: Serve, looker: Looker, clock: FakeClock
) -> None:
    site = await pages(serve, STATUSPAGE.well)
    source = site.source(STATUSPAGE)
    assert (await looker.look(source)).state is State.UP

    site.show({})
    assert (await looker.look(source)).state is State.GONE
    site.show(INCIDENT_IO.trouble["degraded"])
    clock.now += LOST_FOR

    assert (await looker.look(source)).state is State.DEGRADED


async def test_a_feed_is_found_beside_the_address_of_the_page(serve: Serve, looker: Looker) -> None:
    site = await pages(serve, FEED.trouble["degraded"])
    source = Source(Signal.OFFICIAL, AUTO, site.site.url, LINK)

    reading = await looker.look(source)

    assert (reading.state, looker.seen_as(source).url) == (State.DEGRADED, f"{site.site.url}/history.atom")


async def test_entities_of_a_feed_are_not_expanded(serve: Serve, looker: Looker) -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = (
        f'<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY e0 "lol">{levels}<!ENTITY file SYSTEM "file:///etc/passwd">]>'
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry><id>1</id>'
        "<title>&e11;&file;</title><content>&e11;&file;</content></entry></feed>"
    )
    site = await pages(serve, {"/history.atom": Plain("application/atom+xml", bomb)})

    reading = await looker.look(site.source(FEED))

    assert reading.state in {State.UNKNOWN, State.UP}
    assert "root:" not in repr(reading)
    assert len(repr(reading)) < 5_000
