"""Invented data of the page in each state: the same answers as in the pictures of the cards."""

from dataclasses import replace

from bot.core.chart import Chart
from bot.core.few import rough
from bot.core.official_delay import grade
from bot.core.outage_life import Outage, Phase
from bot.core.reports import DAY, HOUR, MINUTE
from bot.core.signals import Cause, Incident, Reading, Seen, Signal, State
from bot.usecases.reports.answer_help import HelpAnswer
from bot.usecases.reports.public_state import PublicService, for_everybody
from tests.cards.states import World, service

NOW = 1_796_040_000
HOSTILE = '<script>alert(1)</script> & "quoted" <img src=x onerror=alert(2)> **bold** <t:1:R> @everyone'


def past(world: World) -> tuple[Outage, ...]:
    """Outages of the last weeks: the official page posted one late, one before us, one in parts, and one not at all."""
    ago = [world.now // MINUTE * MINUTE - days * DAY - 3 * HOUR for days in (2, 6, 11, 19)]
    one = world.on(phase=Phase.OVER, official_read=True, servers=9, peak=58)
    late, before, pieces, silent = (
        replace(one, id=n, began=began, detected=began + 4 * MINUTE, ended=began + 41 * MINUTE, peak_at=began + 600)
        for n, began in enumerate(ago, 1)
    )
    return (
        replace(late, official_at=late.began + 26 * MINUTE, official_title="Elevated errors in chats"),
        replace(before, official_at=before.began, official_title="Login trouble", peak=3),
        replace(pieces, episodes=3, failed=30 * MINUTE, episode_began=pieces.began + 30 * MINUTE, longest_calm=900),
        silent,
    )


def public(world: World, answer: HelpAnswer, *, heard: bool = True, heard_at: float | None = None) -> PublicService:
    """Everything about a service with this answer."""
    on = answer.outage
    outages = past(world) if on is None else (on, *past(world))
    alarm = world.on(phase=Phase.DISMISSED, id=9, began=world.now - 4 * DAY, seen=world.now - 4 * DAY + 900, peak=6)
    return PublicService(
        for_everybody(answer),
        heard,
        world.now if heard else heard_at,
        rough(world.hours(on)),
        rough(world.day(on)),
        rough(world.month()),
        outages,
        (alarm,),
        grade(outages),
    )


def hostile(world: World) -> PublicService:
    """A page with markup in its incidents, and one that is far too long."""
    titles = HOSTILE, "A" * 5000, "\u202eevil\u200b\x00\n# heading"
    incidents = tuple(
        Incident(title, "investigating", None, float(world.now - HOUR), str(n)) for n, title in enumerate(titles)
    )
    page = Reading(
        Signal.OFFICIAL, State.DOWN, Cause.ANSWERED, world.now - MINUTE, "https://status.example", HOSTILE, incidents
    )
    answer = world.answer(41, servers=12, seen={**world.failing, Signal.OFFICIAL: Seen(page, page)}, outage=world.on())
    return public(world, replace(answer, outage=world.on(official_at=world.now - 300, official_title=HOSTILE)))


def worlds(now: int = NOW) -> dict[str, tuple[PublicService, ...]]:
    """State -> the data then: of one service, or of many in *all*."""
    world = World(now)
    answers = world.answers()
    found = {name: (public(world, answer),) for name, answer in answers.items()}
    found["deaf"] = (public(world, answers["calm"], heard=False, heard_at=now - 12 * MINUTE),)
    found["hostile"] = (hostile(world),)
    found["first"] = (first(world),)
    found["all"] = tuple(
        named(public(world, answers[name]), f"service-{n}", f"{title}")
        for n, (name, title) in enumerate(
            (
                ("calm", "Claude"),
                ("outage", "Character.AI"),
                ("some", "Discord"),
                ("unknown", "Roblox"),
                ("back", "Spotify"),
            )
        )
    )
    return found


def first(world: World) -> PublicService:
    """Right after the first start: nothing is known yet."""
    answer = world.answer(0, usual=None, seen={Signal.PROBE: None, Signal.OFFICIAL: None})
    blank = Chart(world.now - 3 * HOUR, 300, (0,) * 36, (None,) * 36)
    day = Chart(world.now - DAY, 900, (0,) * 96, (None,) * 96)
    return PublicService(answer, True, world.now, blank, day, None, (), (), grade(()))


def named(one: PublicService, service_id: str, name: str) -> PublicService:
    """The same of another service."""
    return replace(one, answer=replace(one.answer, service=replace(service(), id=service_id, name=name)))
