"""Every card by name, made from what is known in each state."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.core.chart import Chart
from bot.core.outage_life import Outage, Phase
from bot.core.posts import Post, PostKind
from bot.core.reports import DAY, HOUR, MINUTE
from bot.core.support import SupportDraft
from bot.core.texts import Texts
from bot.discord_ui.render import help as help_cards
from bot.discord_ui.render import history, outage, reply, report, status, support, weekly
from bot.discord_ui.render.chart import in_words
from bot.discord_ui.render.layout import Card
from bot.usecases.reports.count_steps import Unknown
from bot.usecases.reports.record_report import Outcome
from bot.usecases.upkeep.weekly_summary import Week
from tests.cards.states import World, service

NAMED_BUT_NO_OUTAGE = "limit"


@dataclass(frozen=True, slots=True)
class Shown:
    """A card, and the chart of its picture if it has one."""

    card: Card
    chart: Chart | None = None


Maker = Callable[[Texts], Shown]


def makers(now: int) -> Mapping[str, Maker]:
    """The name of each card and state -> what makes it in a language."""
    world = World(now)
    return dict((*_answers(world), *_replies(world), *_posts(world), *_lists(world), *_others(world)))


def _answers(world: World) -> Iterator[tuple[str, Maker]]:
    for state, known in world.answers().items():
        yield f"500-{state}", lambda texts, known=known: Shown(help_cards.help_card(texts, known))
        yield f"help-{state}", lambda texts, known=known: Shown(help_cards.first_card(texts, known))
        chart = world.hours(known.outage)
        yield (
            f"status-{state}",
            lambda texts, known=known, chart=chart: Shown(
                status.status_card(texts, known, in_words(texts, chart)), chart
            ),
        )
    for state in ("outage", "calm", "back"):
        for symptom in service().symptoms:
            known = world.answers()[state]
            yield (
                f"guide-{state}-{symptom.id}",
                lambda texts, known=known, symptom=symptom: Shown(help_cards.guide_card(texts, known, symptom)),
            )
    calm = world.answers()["calm"]
    for symptom in (None, service().symptom("login")):
        name = "more-help" if symptom is None else f"more-help-{symptom.id}"
        yield name, lambda texts, symptom=symptom: Shown(help_cards.why_card(texts, calm, symptom))


def _replies(world: World) -> Iterator[tuple[str, Maker]]:
    for state, known in world.answers().items():
        yield f"reply-{state}", lambda texts, known=known: Shown(reply.auto_reply(texts, known))
        yield f"reply-frozen-{state}", lambda texts, known=known: Shown(reply.auto_reply(texts, known, live=False))
    calm, limit = world.answers()["calm"], service().symptom(NAMED_BUT_NO_OUTAGE)
    yield "reply-no-outage", lambda texts: Shown(reply.auto_reply(texts, calm, symptom=limit))
    yield "reply-more", lambda texts: Shown(reply.more_card(texts, service(), 1))


def _posts(world: World) -> Iterator[tuple[str, Maker]]:
    on, back = world.on(), world.back()
    phases = {
        "suspected": replace(on, phase=Phase.SUSPECTED, recent=6),
        "on": on,
        "faded": replace(on, faded=world.now - 25 * MINUTE, still={"probe": 1}),
        "recovering": back,
        "unstable": replace(back, episodes=3, failed=40 * MINUTE, longest_calm=50 * MINUTE),
        "over": replace(back, phase=Phase.OVER),
        "dismissed": replace(on, phase=Phase.DISMISSED),
        "simulated": replace(on, guild_id=1),
        "fullest": replace(
            on,
            recent=123_456,
            peak=123_456,
            maintenance="Database upgrade of the European chat servers and their replicas",
            maintenance_ends=float(world.now + HOUR),
            official_at=on.began,
            official_title="Elevated error rates for messages, voices and logins in all regions",
        ),
    }
    for phase, one in phases.items():
        yield f"announcement-{phase}", lambda texts, one=one: _announcement(world, texts, one)
    for kind in (PostKind.PING, PostKind.END, PostKind.REOPENED, PostKind.REMINDER, PostKind.CALL, PostKind.SUMMARY):
        one = on if kind in {PostKind.PING, PostKind.REMINDER, PostKind.REOPENED} else phases["over"]
        post = Post(7, kind, 1, 2, 3, people=(4,) if kind is PostKind.CALL else ())
        yield f"post-{kind}", lambda texts, one=one, post=post: Shown(outage.message(texts, service(), one, post, None))


def _announcement(world: World, texts: Texts, one: Outage) -> Shown:
    post = Post(7, PostKind.ANNOUNCEMENT, 1, 2, 3)
    if one.simulated:
        return Shown(outage.announcement(texts, service(), one, post))
    chart = world.hours(one)
    made = outage.announcement(texts, service(), one, post, picture=in_words(texts, chart), typical=12 * MINUTE)
    return Shown(made, chart)


def _lists(world: World) -> Iterator[tuple[str, Maker]]:
    over = replace(world.back(), phase=Phase.OVER)
    past = [
        replace(over, id=6 - n, began=over.began - n * 3 * DAY, ended=over.began - n * 3 * DAY + (9 + n) * MINUTE)
        for n in range(6)
    ]
    month, day, hours = world.month(), world.day(world.on()), world.hours(over)
    yield "outages", lambda texts: Shown(history.outages_card(texts, service(), past, in_words(texts, month)), month)
    yield "outages-none", lambda texts: Shown(history.outages_card(texts, service(), [], in_words(texts, month)), month)
    yield (
        "outage-in-full",
        lambda texts: Shown(history.outage_card(texts, service(), over, in_words(texts, hours)), hours),
    )
    known = world.answers()["outage"]
    yield "day", lambda texts: Shown(status.details_card(texts, known, in_words(texts, day)), day)


def _others(world: World) -> Iterator[tuple[str, Maker]]:
    known, symptom = world.answers()["outage"], service().symptom("loading")
    for outcome in (Outcome.COUNTED, Outcome.CHANGED, Outcome.ALREADY, Outcome.WITHDRAWN, Outcome.NOTHING):
        about = symptom if outcome is Outcome.CHANGED else None
        yield (
            f"report-{outcome}",
            lambda texts, outcome=outcome, about=about: Shown(report.recorded(texts, known, outcome, about)),
        )
    for going_on in (True, False):
        name = "on" if going_on else "calm"
        yield (
            f"call-{name}",
            lambda texts, going_on=going_on: Shown(
                history.will_call(texts, service(), 0, going_on=going_on, by_message=False)
            ),
        )
    yield "call-over", lambda texts: Shown(history.back_already(texts, service(), world.back()))
    yield "call-ask", lambda texts: Shown(history.only_by_message(texts, service(), 0))
    yield "waiting", lambda texts: Shown(history.waiting_card(texts, [(service(), True), (service(), False)]))
    yield "support", lambda texts: Shown(support.support_card(texts, known))
    draft = SupportDraft("Every message I send ends in an error.", "an hour", "Android, Chrome", (0, 2))
    yield "support-text", lambda texts: Shown(support.support_text(texts, texts, known, draft))
    busy = Week(184, 3, 61, 2, {Unknown.MESSAGE: 12, Unknown.TYPED: 4, Unknown.CHOSEN: 7})
    for name, week in {"weekly": busy, "weekly-quiet": Week()}.items():
        yield name, lambda texts, week=week: Shown(weekly.weekly_card(texts, week))
