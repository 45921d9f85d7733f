"""Every card by name, made from the data of each state."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from discord import app_commands

from bot.core.chart import Chart
from bot.core.errors import StoreError, UnknownServiceError, WrongInputError
from bot.core.outage_life import Outage, Phase
from bot.core.posts import Post, PostKind
from bot.core.reports import HOUR, MINUTE
from bot.core.support import SupportDraft
from bot.core.texts import N_, Texts
from bot.discord_ui.answering.failures import TABLE
from bot.discord_ui.render import help as help_cards
from bot.discord_ui.render import history, outage, privacy, reply, report, status, support, weekly
from bot.discord_ui.render.chart import in_words
from bot.discord_ui.render.layout import Card, note
from bot.usecases.reports.count_helpful_steps import Unknown
from bot.usecases.reports.record_report import Outcome
from bot.usecases.upkeep.forget import PersonalData
from bot.usecases.upkeep.weekly_summary import Week
from tests.cards.setups import moderator_cards, setup_cards
from tests.cards.states import Places, World, service

NAMED_BUT_NO_OUTAGE = "limit"


@dataclass(frozen=True, slots=True)
class Shown:
    """A card, and the chart of its picture if it has one."""

    card: Card
    chart: Chart | None = None


Maker = Callable[[Texts], Shown]


def makers(now: int, places: Places | None = None) -> Mapping[str, Maker]:
    """Name of card and state -> function that makes it in a language. `places` are the channels and roles on cards."""
    world = World(now, places or Places())
    made = (*_answers(world), *_replies(world), *_posts(world), *_lists(world), *_others(world), *_about_oneself())
    plain = (*_failures(), *setup_cards(world), *moderator_cards(world))
    return dict(made) | {name: partial(_shown, draw) for name, draw in plain}


def _shown(draw: Callable[[Texts], Card], texts: Texts) -> Shown:
    return Shown(draw(texts))


def _answers(world: World) -> Iterator[tuple[str, Maker]]:
    for state, known in world.answers().items():
        yield f"500-{state}", lambda texts, known=known: Shown(help_cards.help_card(texts, known))
        yield f"help-{state}", lambda texts, known=known: Shown(help_cards.first_card(texts, known))
        chart = world.hours(known.outage, tally=known.tally)
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
        "suspected": world.suspected(),
        "on": on,
        "faded": world.faded(),
        "faded-unsure": replace(world.faded(), still={}),
        "recovering": back,
        "unstable": world.unstable(),
        "over": replace(back, phase=Phase.OVER),
        "dismissed": world.suspected(phase=Phase.DISMISSED),
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
        post = Post(7, kind, 1, 2, 3, people=(world.places.moderator,) if kind is PostKind.CALL else ())
        yield f"post-{kind}", lambda texts, one=one, post=post: Shown(outage.message(texts, service(), one, post, None))


def _announcement(world: World, texts: Texts, one: Outage) -> Shown:
    post = Post(7, PostKind.ANNOUNCEMENT, 1, 2, 3)
    if one.simulated:
        return Shown(outage.announcement(texts, service(), one, post))
    chart = world.hours(one)
    made = outage.announcement(texts, service(), one, post, picture=in_words(texts, chart), typical=25 * MINUTE)
    return Shown(made, chart)


def _lists(world: World) -> Iterator[tuple[str, Maker]]:
    over = replace(world.back(), phase=Phase.OVER)
    past = world.past()
    calm = replace(world.month(), outages=(), incidents=())
    month, day, hours = world.month(), world.day(world.on()), world.hours(over)
    yield "outages", lambda texts: Shown(history.outages_card(texts, service(), past, in_words(texts, month)), month)
    yield "outages-none", lambda texts: Shown(history.outages_card(texts, service(), [], in_words(texts, calm)), calm)
    yield (
        "outage-in-full",
        lambda texts: Shown(history.outage_card(texts, service(), over, in_words(texts, hours, past=True)), hours),
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
    yield "waiting", lambda texts: Shown(history.waiting_card(texts, [(service(), True), (service("steam"), False)]))
    yield "support", lambda texts: Shown(support.support_card(texts, known))
    draft = SupportDraft("Every message I send ends in an error.", "an hour", "Android, Chrome", (0, 2))
    yield "support-text", lambda texts: Shown(support.support_text(texts, texts, known, draft))
    busy = Week(184, 3, 61, 2, {Unknown.MESSAGE: 12, Unknown.TYPED: 4, Unknown.CHOSEN: 7})
    for name, week in {"weekly": busy, "weekly-quiet": Week()}.items():
        yield name, lambda texts, week=week: Shown(weekly.weekly_card(texts, week))


def _about_oneself() -> Iterator[tuple[str, Maker]]:
    """`/privacy`."""
    little = PersonalData(2, 0, opted_out=False, waits=0, ignored=0, votes=0, document={})
    much = PersonalData(12, 3, opted_out=True, waits=1, ignored=1, votes=2, document={})
    for name, kept in {"": little, "-much": much}.items():
        yield f"privacy{name}", lambda texts, kept=kept: Shown(privacy.privacy_card(texts, kept))
        yield f"privacy-delete{name}", lambda texts, kept=kept: Shown(privacy.delete_card(texts, kept))
        left = replace(kept, reports=0, changes=0, waits=0)
        yield (
            f"privacy-deleted{name}",
            lambda texts, kept=kept, left=left: Shown(
                privacy.privacy_card(texts, left, privacy.deleted(texts, kept.reports, left))
            ),
        )
    for counted in (True, False):
        name = "helped" if counted else "helped-again"
        yield name, lambda texts, counted=counted: Shown(help_cards.thanks(texts, counted=counted))


def _failures() -> Iterator[tuple[str, Callable[[Texts], Card]]]:
    """The messages to a person after a failure."""
    errors = [
        StoreError("busy"),
        UnknownServiceError("Charakter"),
        WrongInputError("cooldown", N_("Choose one of the values in the list.")),
        app_commands.NoPrivateMessage(),
        app_commands.CheckFailure(),
        app_commands.CommandNotFound("500", []),
    ]
    for error in errors:
        yield f"failure-{type(error).__name__}", lambda texts, error=error: note(TABLE[type(error)](texts, error))
