"""The cards for moderators by name: each page of `/setup` in its states, and messages sent unprompted."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from bot.content.services import read_services
from bot.core.gone import Gone
from bot.core.guild_settings import Change, ChangeEntry, GuildSettings, Page, to_document
from bot.core.mentions import Mention, MentionKind, Sensitivity
from bot.core.own_phrases import phrase_rule
from bot.core.quiet_hours import QuietHours
from bot.core.reports import DAY, HOUR, MINUTE
from bot.core.rule_scores import RuleScore
from bot.core.texts import Texts
from bot.discord_ui.permissions import NEEDS, PermissionNeed
from bot.discord_ui.render import closed, distress, rules
from bot.discord_ui.render.layout import Card, note
from bot.discord_ui.setup import checks, guide, overview, pages, sources_card, transfer_cards, trial_card
from bot.discord_ui.setup.state import Panel
from bot.usecases.replies.notice_message import Silence, Trial
from bot.usecases.replies.read_message import Match
from bot.usecases.reports.count_helpful_steps import Unknown
from bot.usecases.servers.ports import ClosedChannel
from tests.cards.states import World, service
from tests.discord_ui.setup.panels import fine_panel

Draw = Callable[[Texts], Card]
LINK = "https://discord.com/channels/1/2/3"
_PHRASES = ("the bot ghosted me again", r"/c(\.| )?ai (died|rip)/")
_NAMES = {one.id: one.name for one in read_services()}
_LANGUAGES = {"de": "Deutsch", "en": "English"}


def setup_cards(world: World) -> Iterator[tuple[str, Draw]]:
    """What a moderator sees in `/setup`."""
    yield from _first_run(world)
    yield from _overview(world)
    yield from _pages(world)
    yield from _checks(world)
    yield from _changes(world)


def moderator_cards(world: World) -> Iterator[tuple[str, Draw]]:
    """Messages to moderators that the bot sends unprompted."""
    places = world.places
    rule, link = MentionKind.QUESTION, LINK
    yield "welcome", guide.welcome_card
    yield "dry-run", lambda texts: rules.dry_run_card(texts, link, rule, 0.97)
    for name, right in {"right": True, "wrong": False}.items():
        yield f"dry-run-{name}", partial(_judged, moderator=places.moderator, right=right)
    yield "rule-off", lambda texts: note(rules.rule_off_text(texts, rule, ()))
    yield "distress", lambda texts: distress.distress_card(texts, link, places.general, 3, helpline=True)
    yield "distress-sent", lambda texts: distress.sent_card(texts, link)
    yield "distress-text", lambda texts: distress.helpline_card(texts, "Character Fans", "You matter. Call 116 123.")
    for name, code in {"refused": 50013, "gone": 10003}.items():
        shut = ClosedChannel(places.general, 1, world.now, code)
        yield f"closed-{name}", lambda texts, shut=shut: note(closed.closed_text(texts, shut))
    yield "roles-gone", lambda texts: note(closed.roles_gone_text(texts))


def _judged(texts: Texts, *, moderator: int, right: bool) -> Card:
    line = rules.dry_run_text(texts, LINK, MentionKind.QUESTION, 0.97)
    return note(rules.judged_text(texts, line, moderator, right=right, turned_off=not right))


def _usual(world: World) -> GuildSettings:
    """The settings of an ordinary server."""
    places = world.places
    return GuildSettings(
        channels=frozenset({places.general, places.help}),
        quiet_hours=QuietHours.read("22:00", "7:00", "Europe/Paris"),
        outage_channel=places.outages,
        outage_role=places.role,
        phrases=_PHRASES,
        weekly_channel=places.moderators,
        distress_channel=places.moderators,
    )


def _panel(settings: GuildSettings, **more: Any) -> Panel:
    """A panel for a server in which nothing is missing."""
    names = {"language": _LANGUAGES, "service": _NAMES, "more_services": _NAMES}
    return replace(fine_panel(service()), settings=settings, names=names, **more)


def _needs(*flags: str) -> Sequence[PermissionNeed]:
    return [need for need in NEEDS if need.flag in flags]


def _broken(world: World) -> Panel:
    """A panel for a server in which much is missing."""
    places = world.places
    settings = replace(_usual(world), dry_run=places.deleted, outage_channel=places.outages)
    return _panel(
        settings,
        has_message_text=False,
        missing={places.general: _needs("send_messages", "read_message_history")},
        lacking={"outage_channel": _needs("create_public_threads")},
        open_to_all=("weekly_channel",),
        may_call_role=False,
        closed=(ClosedChannel(places.help, 1, world.now, 50013),),
        scores=_scores(off=True),
        gone=Gone(channels=frozenset({places.deleted})),
    )


def _scores(*, off: bool = False) -> Mapping[str, RuleScore]:
    return {
        MentionKind.QUESTION: RuleScore(41, 1),
        MentionKind.ERROR: RuleScore(12, 0),
        MentionKind.SYMPTOM: RuleScore(9, 4, off=off),
        phrase_rule(_PHRASES[0]): RuleScore(5, 1),
    }


def _first_run(world: World) -> Iterator[tuple[str, Draw]]:
    fresh, chosen = _panel(GuildSettings()), _panel(_usual(world))
    lacking = replace(chosen, missing={world.places.general: _needs("send_messages")})
    for step, draw in guide.GUIDE.items():
        name = f"setup-first-{step[-1]}"
        yield name, lambda texts, draw=draw: draw(texts, fresh)
        yield f"{name}-chosen", lambda texts, draw=draw: draw(texts, chosen)
        yield f"{name}-lacking", lambda texts, draw=draw: draw(texts, lacking)


def _overview(world: World) -> Iterator[tuple[str, Draw]]:
    usual, places = _usual(world), world.places
    panels = {
        "off": _panel(GuildSettings()),
        "on": _panel(usual),
        "dry-run": _panel(replace(usual, dry_run=places.moderators)),
        "lacking": _panel(usual, missing={places.general: _needs("send_messages")}),
        "deleted": _panel(replace(usual, dry_run=places.deleted), gone=Gone(channels=frozenset({places.deleted}))),
        "broken": _broken(world),
        "away": _panel(usual, away=True),
    }
    for name, panel in panels.items():
        yield f"setup-overview-{name}", lambda texts, panel=panel: overview.overview_card(texts, panel)
    yield "setup-more", lambda texts: overview.more_card(texts, panels["on"])
    yield "setup-simulate", lambda texts: overview.simulation_card(texts, panels["on"])


def _pages(world: World) -> Iterator[tuple[str, Draw]]:
    unknown = {Unknown.MESSAGE: 12, Unknown.TYPED: 4, Unknown.CHOSEN: 7}
    panels = {
        "": _panel(GuildSettings()),
        "-usual": _panel(_usual(world), scores=_scores(), unknown=unknown),
        "-broken": _broken(world),
    }
    for state, panel in panels.items():
        for page in Page:
            yield (
                f"setup-page-{page}{state}",
                lambda texts, panel=panel, page=page: pages.settings_page(texts, panel, page),
            )
    shown, access = panels["-usual"], sources_card.TextAccess(content=True)
    deaf = replace(shown, has_message_text=False)
    for automod in sources_card.AutoModState:
        sources = sources_card.MessageSources(access, automod, world.places.moderators)
        yield (
            f"setup-page-read-{automod.value}",
            lambda texts, sources=sources: sources_card.sources_card(texts, shown, sources),
        )
    nothing = sources_card.MessageSources(sources_card.TextAccess(content=False), sources_card.AutoModState.NONE)
    yield "setup-page-read-no-text", lambda texts: sources_card.sources_card(texts, deaf, nothing)


def _checks(world: World) -> Iterator[tuple[str, Draw]]:
    usual, broken, on = _panel(_usual(world)), _broken(world), world.on()
    announced = {
        "off": _panel(GuildSettings()),
        "no-outage": usual,
        "suspected": replace(usual, outage=world.suspected()),
        "elsewhere": replace(usual, outage=on, outage_elsewhere=True),
        "all-well": replace(usual, outage=on),
        "broken": replace(broken, outage=on),
    }
    for name, panel in announced.items():
        yield f"setup-why-no-post-{name}", lambda texts, panel=panel: checks.announce_card(texts, panel)
    settings, words = usual.settings, "is cai down for anyone else?"
    found = Match(service(), MentionKind.QUESTION, Mention(MentionKind.QUESTION, 0.97, "down for anyone else"))
    limit = Match(service(), symptom=service().symptom("limit"))
    trials = {
        "answered": Trial(found, ()),
        "not-answered": Trial(Match(service()), (Silence.NO_MENTION,)),
        "limit": Trial(limit, ()),
        "much": Trial(found, (Silence.IGNORED, Silence.RULE_OFF, Silence.HELPER, Silence.CHANNEL_COOLDOWN)),
    }
    for name, trial in trials.items():
        yield f"setup-try-{name}", lambda texts, trial=trial: trial_card.trial_card(texts, words, trial, settings)
        yield f"setup-why-no-reply-{name}", partial(_why, world, trial)
    elsewhere = replace(settings, dry_run=world.places.moderators)
    yield "setup-try-dry-run", lambda texts: trial_card.trial_card(texts, words, trials["answered"], elsewhere)
    yield "setup-why-no-reply-quiet", partial(_why, world, Trial(found, (Silence.QUIET_HOURS,)))
    examples = {"it ghosted me again": None, "rip the bot ghosted me again": _PHRASES[0], "cai died": _PHRASES[1]}
    yield "setup-phrases", lambda texts: trial_card.phrases_tried(texts, _PHRASES, examples)


def _why(world: World, trial: Trial, texts: Texts) -> Card:
    lacking = _needs("send_messages") if len(trial.stops) > 1 else ()
    reading = checks.reading_branch(texts, can_read=True, by_person=True, channel=world.places.general, lacking=lacking)
    return trial_card.why_card(texts, LINK, trial, _usual(world), reading)


def _changes(world: World) -> Iterator[tuple[str, Draw]]:
    before, after = to_document(GuildSettings()), to_document(_usual(world))
    after["sensitivity"] = Sensitivity.EAGER.value
    changes = [
        Change(name, before[name], after[name])
        for name in ("channels", "sensitivity", "quiet_hours", "outage_channel", "outage_role", "phrases")
    ]
    ages = (MINUTE, 9 * MINUTE, HOUR, 5 * HOUR, DAY, 3 * DAY)
    entries = [
        ChangeEntry(world.now - age, world.places.moderator, change) for age, change in zip(ages, changes, strict=True)
    ]
    names = _panel(GuildSettings()).names
    yield "setup-log", lambda texts: transfer_cards.log_card(texts, entries, names, lambda _: True)
    yield "setup-log-empty", lambda texts: transfer_cards.log_card(texts, [], names, lambda _: True)
    yield "setup-import", lambda texts: transfer_cards.import_card(texts, changes, ["denied_channels"], names)
    yield "setup-import-nothing", lambda texts: transfer_cards.import_card(texts, [], [], names)
    yield "setup-export", lambda texts: note(transfer_cards.export_text(texts, after)[0])
