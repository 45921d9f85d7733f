"""Example cards of a service with invented numbers, as text for a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.core.outage_life import Outage, Phase
from bot.core.posts import Post, PostKind
from bot.core.reports import HOUR, MINUTE
from bot.core.service import Service
from bot.core.signals import Reading, Seen, Signal
from bot.core.tally import Counts, Tally
from bot.core.texts import Texts
from bot.core.verdict import decide
from bot.discord_ui.render.help import first_card, help_card, why_card
from bot.discord_ui.render.layout import Card, Picture
from bot.discord_ui.render.outage import announcement
from bot.discord_ui.render.reply import auto_reply
from bot.discord_ui.render.report import recorded
from bot.discord_ui.render.status import status_card
from bot.discord_ui.render.support import support_card
from bot.usecases.reports.answer_help import HelpAnswer
from bot.usecases.reports.record_report import Outcome

_BUTTON, _MENUS = 2, frozenset({3, 5, 6, 7, 8})


def example_cards(
    texts: Texts, service: Service, at: float, readings: Sequence[Reading] = ()
) -> Iterator[tuple[str, str]]:
    """Each card with its title: first calm, with the sources' current state, then in an outage with invented people."""
    seen = {reading.signal: Seen(reading, reading) for reading in readings}
    calm, outage = _answer(service, Tally(), seen, at), _outage(service, at)
    crowd = Tally(Counts(41, 45, 60), Counts(3, 4, 6), 12, 2.0, {service.symptoms[0].id: 30})
    trouble = _answer(service, crowd, seen, at, outage)
    post = Post(1, PostKind.ANNOUNCEMENT, 1, 1, id=1)
    yield "/500", as_text(help_card(texts, calm))
    yield "/help", as_text(first_card(texts, calm))
    for symptom in service.symptoms:
        if symptom.guides:
            yield f"/500 kind:{symptom.id}", as_text(help_card(texts, calm, symptom))
    yield "/status", as_text(status_card(texts, calm, Picture("", "")))
    yield texts.say("More help"), as_text(why_card(texts, calm))
    yield "/support", as_text(support_card(texts, calm))
    yield "/report", as_text(recorded(texts, trouble, Outcome.COUNTED))
    yield texts.say("Auto-reply in an outage"), as_text(auto_reply(texts, trouble))
    yield texts.say("Announcement"), as_text(announcement(texts, service, outage, post))


def as_text(card: Card) -> str:
    """A card as lines: raw texts, `[ buttons ]` and `( menus )`."""
    return "\n".join(line for part in card.to_components() for line in _lines(part))


def _lines(part: Mapping[str, Any]) -> Iterator[str]:
    if content := part.get("content"):
        yield content
    row, inside = list[str](), list[str]()
    for one in part.get("components") or ():
        if one["type"] == _BUTTON:
            row.append(f"[ {one.get('label', '')} ]")
        elif one["type"] in _MENUS:
            options = ", ".join(option["label"] for option in one.get("options") or ())
            row.append(f"( {one.get('placeholder', '')}: {options} )")
        else:
            inside += _lines(one)
    if row:
        yield " ".join(row)
    yield from inside


def _answer(
    service: Service, tally: Tally, seen: Mapping[Signal, Seen], at: float, outage: Outage | None = None
) -> HelpAnswer:
    of_sources = {source.signal: seen.get(source.signal) for source in service.sources}
    verdict = decide(tally, of_sources, at, None if outage is None else outage.phase)
    return HelpAnswer(service, verdict, tally, of_sources, at, outage)


def _outage(service: Service, at: float) -> Outage:
    now = int(at) // MINUTE * MINUTE
    return Outage(
        service=service.id,
        phase=Phase.ON,
        began=now - HOUR // 2,
        id=1,
        detected=now - HOUR // 2 + 4 * MINUTE,
        seen=now,
        recent=41,
        usual=2.0,
        peak=44,
        peak_at=now - 5 * MINUTE,
        reports=60,
        servers=12,
        symptoms={service.symptoms[0].id: 30},
    )
