"""People's texts on our cards are always shown as text, and Discord's limits are respected.

Each card is made twice, with a harmless text and with a hostile one. Formatting, mentions and links must be the same in
both, which proves that they are all ours. Texts of the official page have their own tests.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

import orjson
import pytest
from discord import ui
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.content import services as reader
from bot.content.guides import GuideSchema, SymptomSchema
from bot.content.toml_layers import Faults, Layer, validate
from bot.core.errors import UnknownServiceError, WrongInputError
from bot.core.gone import CHANNEL_FIELDS, ROLE_FIELDS, Gone, named
from bot.core.guild_settings import (
    BY_NAME,
    FIELDS,
    Change,
    ChangeEntry,
    GuildSettings,
    Page,
    from_document,
    to_document,
)
from bot.core.mentions import Mention, MentionKind
from bot.core.outage_life import Outage, Phase
from bot.core.own_phrases import phrase_rule
from bot.core.posts import Post, PostKind
from bot.core.rule_scores import RuleScore
from bot.core.service import Counted, Service
from bot.core.signals import Cause, Reading, Seen, Signal, State
from bot.core.support import SupportDraft
from bot.core.tally import Counts, Tally
from bot.core.verdict import Confidence, Verdict, Word
from bot.discord_ui.answering.failures import TABLE
from bot.discord_ui.permissions import NEEDS
from bot.discord_ui.render import (
    distress,
    help,  # noqa: A004
    history,
    layout,
    outage,
    privacy,
    reply,
    report,
    rules,
    status,
    support,
    weekly,
)
from bot.discord_ui.render.layout import note
from bot.discord_ui.setup import checks, forms, guide, overview, parts, state, transfer_cards
from bot.discord_ui.setup import pages as setup_pages
from bot.discord_ui.setup import sources_card as sources
from bot.discord_ui.setup import trial_card as trial
from bot.usecases.replies.notice_message import Silence, Trial
from bot.usecases.replies.read_message import Match
from bot.usecases.reports.answer_help import HelpAnswer
from bot.usecases.reports.record_report import Outcome
from tests.resources import resources

NOW = 1_800_000_000
HARMLESS = "harmless"
Made = tuple[Callable[..., Any], Any]
"""A function of `render`, and what it made."""

LANGUAGES = resources().languages
FRAGMENTS = [
    *("@everyone", "@here", "<@1>", "<@!1>", "<@&1>", "<#1>", "</500:1>", "<id:browse>", "<t:1:R>"),
    *(
        "<:x:12345678901234567>",
        "<a:x:12345678901234567>",
        "[x](https://evil.example)",
        "[**x**](<https://evil.example>)",
    ),
    *("https://evil.example/**b**||s||", "discord://x", "](", "[", "]", "(", ")", "<", ">", "@", "\\", "é"),
    *("**", "*", "_", "__", "~~", "||", "`", "``", "```", "# ", "-# ", "> ", ">>> ", "- ", "1. ", "12) "),
    *("\n", "\r\n", "\u2028", "\u202e", "\u200b", "\ud800", " ", "🔥", "x", "500"),
]
HOSTILE = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=20), min_size=1, max_size=8).map("".join)

_TOKEN = re.compile(
    r"""
    (?P<escaped> \\[^0-9A-Za-z\s] )
  | (?P<block> ```[\s\S]*?``` )
  | (?P<code> (?P<ticks>`+)[^`\n]+(?P=ticks)(?!`) )
  | (?P<calls> <(?:@|\#|/|id:) | @everyone | @here | \]\( )
  | (?P<shown> <(?:a?:\w+:|t:) )
  | (?P<link> (?:https?|steam|discord):// )
  | (?P<format> [*_~|`\[\]] | ^\s*(?:\#{1,3}|-\#|>|>>>|[-*+]|\d+[.)])\s | \n )
    """,
    re.VERBOSE | re.MULTILINE,
)


def live(text: str) -> list[tuple[str, str]]:
    """What Discord would not show as it stands there, in order; code is one piece, whatever is in it."""
    found = ((token.lastgroup or "", token[0]) for token in _TOKEN.finditer(text))
    return [
        (kind, "" if kind in {"block", "code"} else piece)
        for kind, piece in ((("code" if kind == "ticks" else kind), piece) for kind, piece in found)
        if kind != "escaped"
    ]


def walk(component: Any) -> Iterator[dict[str, Any]]:
    """A component and all in it."""
    if isinstance(component, list):
        for one in component:
            yield from walk(one)
    elif isinstance(component, dict):
        if "type" in component:
            yield component
        for member in ("components", "component", "accessory"):
            yield from walk(component.get(member))


def sent(made: Any) -> dict[str, Any]:
    """What goes to Discord."""
    if isinstance(made, str):
        made = note(made)
    if isinstance(made, tuple):  # settings too long for a message go as a file
        made = note(made[0], file=made[1] and made[1][0])
    return made.to_dict() if isinstance(made, ui.Modal) else {"components": made.to_components()}


def texts_of(payload: dict[str, Any]) -> list[str]:
    return [one["content"] for one in walk(payload["components"]) if one["type"] == 10]


PICTURE = layout.Picture("a picture", "bars")
LIMITS = {"label": 100, "custom_id": 100, "placeholder": 150, "url": 512, "description": 100, "title": 45}


def assert_fits(payload: dict[str, Any]) -> None:
    """Discord would take it: https://discord.com/developers/docs/components/reference."""
    orjson.dumps(payload)  # whole Unicode
    parts = list(walk(payload["components"]))
    assert len(parts) <= 40 and sum(map(len, texts_of(payload))) <= 4000 and all(texts_of(payload))
    assert len(payload.get("title", "")) <= 45
    for part in parts:
        for member, most in LIMITS.items():
            assert len(part.get(member) or "") <= most, (member, part)
        match part["type"]:
            case 1:
                assert 1 <= len(part["components"]) <= 5
            case 2:
                assert 1 <= len(part["label"]) <= 80
            case 3 | 22:
                assert 1 <= len(part["options"]) <= (25 if part["type"] == 3 else 10)
                assert all(1 <= len(one["label"]) <= 100 and len(one["value"]) <= 100 for one in part["options"])
                assert len({one["value"] for one in part["options"]}) == len(part["options"])
            case 4:
                assert len(part.get("placeholder") or "") <= 100
                assert len(part.get("value") or "") <= part.get("max_length", 4000) <= 4000
            case 12:
                assert all(len(one.get("description") or "") <= 1024 for one in part["items"])
            case 18:
                assert len(part["label"]) <= 45
            case _:
                pass


SERVICE = {
    "name": "Examplia",
    "aliases": ["ex"],
    "words": ["examplia"],
    "links": {"website": "https://e.example", "support": "https://e.example/support"},
    "sources": {"official": {"kind": "statuspage", "url": "https://e.example", "link": "https://e.example/status"}},
    "symptoms": {"login": "Cannot log in", "chats": "Chats are gone"},
}
GUIDE = {
    "error": "Error 500",
    "meaning": "It failed.",
    "causes": ["A fault."],
    "others_say": ["Wait."],
    "contact": "Write to them.",
    "summary": "Wait.",
    "steps": [{"title": "Wait", "do": "Wait a little.", "reason": "It settles."}],
    "symptoms": {"login": "Kein Login"},
}
SYMPTOM = {
    "is": "account",
    "counts": "many",
    "meaning": "It lets nobody in.",
    "contact": "Write to them.",
    "steps": [{"title": "Wait", "do": "Wait a little.", "reason": "It settles."}],
}
NAMES = [
    "symptom.steps.0.title",
    *("name", "symptoms.login", "guide.symptoms.login", "guide.error", "guide.steps.0.title"),
]
PROSE = [
    *("symptom.meaning", "symptom.contact", "symptom.steps.0.do", "symptom.steps.0.reason"),
    *("guide.meaning", "guide.causes.0", "guide.others_say.0", "guide.contact", "guide.summary"),
    *("guide.steps.0.do", "guide.steps.0.reason"),
]
ADDRESSES = ["links.support", "links.website", "links.help_centre", "links.community", "sources.official.link"]


def service_with(member: str, text: str) -> Service | None:
    """A service with this value in its files; None if the files are refused."""
    documents: Any = orjson.loads(orjson.dumps({**SERVICE, "guide": GUIDE, "symptom": SYMPTOM}))
    *path, last = member.split(".")
    inner = documents
    for step in path:
        inner = inner[int(step)] if isinstance(inner, list) else inner[step]
    inner[int(last) if isinstance(inner, list) else last] = text
    guide, symptom, faults = documents.pop("guide"), documents.pop("symptom"), Faults()
    parsed = validate(reader._ServiceSchema, [Layer("service.toml", "", documents)], faults)
    guides = {tag: validate(GuideSchema, [Layer(f"guide.{tag}.toml", "", guide)], faults) for tag in ("en", "de")}
    symptoms = {"login": {"en": validate(SymptomSchema, [Layer("login.en.toml", "", symptom)], faults)}}
    return None if faults.messages else reader._service("examplia", parsed, guides, symptoms)


def shown_of(service: Service, language: str) -> Iterator[Made]:
    """Every card that tells of a service."""
    texts = LANGUAGES.texts(language)
    on = Outage("examplia", Phase.ON, NOW, id=1, seen=NOW, peak=9, recent=5, symptoms={"login": 3, "chats": 1})
    tally = Tally(Counts(5, 6, 7), symptoms={"login": 2})
    reading = Reading(Signal.OFFICIAL, State.UP, Cause.ANSWERED, NOW, service.sources[0].link)
    calm = Verdict(Word.NOBODY_ELSE, Confidence.LOW)
    answer = HelpAnswer(service, calm, tally, {Signal.OFFICIAL: Seen(reading)}, NOW, on, thread=7)
    yield help.help_card, help.help_card(texts, answer)
    for symptom in service.symptoms:
        yield help.help_card, help.help_card(texts, answer, symptom)
        never = replace(symptom, counted=Counted.NEVER)
        yield help.help_card, help.help_card(texts, answer, never)
        for about in (symptom, never):
            yield reply.auto_reply, reply.auto_reply(texts, answer, symptom=about)
    yield help.guide_card, help.guide_card(texts, answer)
    yield reply.more_card, reply.more_card(texts, service, 1)
    yield status.details_card, status.details_card(texts, answer, PICTURE)
    yield help.first_card, help.first_card(texts, answer)
    yield status.status_card, status.status_card(texts, answer, PICTURE)
    yield help.why_card, help.why_card(texts, answer)
    yield reply.auto_reply, reply.auto_reply(texts, answer)
    yield (
        reply.auto_reply,
        reply.auto_reply(texts, replace(answer, verdict=Verdict(Word.NOT_JUST_YOU, Confidence.HIGH))),
    )
    over = replace(answer, verdict=Verdict(Word.BACK_TO_NORMAL, Confidence.MEDIUM), since_end=1000)
    yield reply.auto_reply, reply.auto_reply(texts, over, live=False)
    yield status.status_card, status.status_card(texts, over, PICTURE)
    yield history.outages_card, history.outages_card(texts, service, [on], PICTURE)
    yield history.outage_card, history.outage_card(texts, service, on, PICTURE)
    yield history.waiting_card, history.waiting_card(texts, [(service, True)])
    yield history.will_call, history.will_call(texts, service, 0, going_on=True, by_message=False)
    yield history.will_call, history.will_call(texts, service, 0, going_on=False, by_message=True)
    yield history.back_already, history.back_already(texts, service, on)
    yield history.only_by_message, history.only_by_message(texts, service, 0)
    for phase in Phase:
        now = replace(on, phase=phase, ended=NOW)
        post = Post(1, PostKind.ANNOUNCEMENT, 5, 6, id=3, people=(8,))
        yield (
            outage.announcement,
            outage.announcement(texts, service, now, post, picture=PICTURE, role=4),
        )
        for kind in set(PostKind) - {PostKind.ANNOUNCEMENT}:
            yield outage.message, outage.message(texts, service, now, replace(post, kind=kind), 4)
    yield report.recorded, report.recorded(texts, answer, Outcome.COUNTED)
    yield support.support_card, support.support_card(texts, answer)
    yield support.support_form, support.support_form(texts, answer, "x")
    draft = SupportDraft(HARMLESS, steps_tried=[0])
    yield support.support_text, support.support_text(texts, texts, answer, draft)
    yield overview.overview_card, overview.overview_card(texts, panel(GuildSettings(), service))
    assert len(outage.thread_name(texts, service, on)) <= 100


def panel(chosen: GuildSettings, service: Service) -> state.Panel:
    both = {service.id: service.name, "other": "Other"}
    return state.Panel(
        settings=chosen,
        service=service,
        names={
            "language": LANGUAGES.names(),
            "service": (both := {service.id: service.name, "other": "Other"}),
            "more_services": both,
        },
        has_message_text=True,
        missing={5: NEEDS},
        lacking=dict.fromkeys(("outage_channel", "distress_channel", "weekly_channel"), NEEDS),
        open_to_all=("distress_channel", "weekly_channel"),
        may_call_role=False,
        closed=(),
        scores={phrase_rule(one): RuleScore(4, 3, off=True) for one in chosen.phrases},
        resting=dict.fromkeys(chosen.phrases, float(NOW)),
        refused=chosen.phrases,
        gone=Gone(named(chosen, CHANNEL_FIELDS), named(chosen, ROLE_FIELDS)),
        left_out=(),
        away=False,
        nonce="1a",
    )


def taken(text: str) -> dict[str, Any]:
    """The settings that take this text, wherever moderators (or a file that they import) can put it."""
    typed = {"phrases": [text], "reactions": [text], "language": text, "service": text}
    return {field: value for field, value in typed.items() if refusal(field, value) is None}


def refusal(field: str, value: Any) -> WrongInputError | None:
    try:
        from_document({field: value})
    except WrongInputError as error:
        return error
    return None


def shown_to_moderators(text: str, values: dict[str, Any], language: str) -> Iterator[Made]:
    """Every card that shows what moderators set or type."""
    texts, service, chosen = LANGUAGES.texts(language), service_with("name", "Examplia"), from_document(values)
    assert service is not None
    shown = panel(chosen, service)
    yield overview.overview_card, overview.overview_card(texts, shown)
    yield overview.more_card, overview.more_card(texts, shown)
    for step in guide.GUIDE.values():
        yield step, step(texts, shown)
    yield overview.simulation_card, overview.simulation_card(texts, shown)
    for page in Page:
        yield setup_pages.settings_page, setup_pages.settings_page(texts, shown, page)
    for field in FIELDS:
        if forms.is_typed(field):
            yield forms.field_form, forms.field_form(texts, chosen, field, "main")
    yield transfer_cards.export_text, transfer_cards.export_text(texts, to_document(chosen))
    changes = [Change("cooldown", text, [text]), Change(text, text, text)]
    changes += [Change("phrases", [text], ["x y z"])] if "phrases" in values else []
    for change in changes:
        for can_undo in (True, False):
            entries = [ChangeEntry(NOW, 9, change)]
            made = transfer_cards.log_card(
                texts, entries, shown.names, lambda one, can=can_undo: can and one.field in BY_NAME
            )
            yield transfer_cards.log_card, made
        yield transfer_cards.import_card, transfer_cards.import_card(texts, [change], ["channels"], shown.names)
    phrases = chosen.phrases or (HARMLESS,)
    yield trial.phrases_tried, trial.phrases_tried(texts, phrases, {text: phrases[0], f"no {text}": None})
    for finding in (
        Match(service, phrase=phrases[0]),
        Match(service, mention=Mention(MentionKind.ERROR, 0.9, text)),
    ):
        made = trial.trial_card(texts, text, Trial(finding, (Silence.OFF_HERE,)), chosen)
        yield trial.trial_card, made
        branch = checks.Branch(HARMLESS)
        made = trial.why_card(texts, HARMLESS, Trial(finding, (Silence.OFF_HERE,)), chosen, branch)
        yield trial.why_card, made
    yield checks.announce_card, checks.announce_card(texts, shown)


def refused(text: str, language: str) -> Iterator[Made]:
    """The messages about refused settings."""
    texts = LANGUAGES.texts(language)
    for field in (*to_document(GuildSettings()), text):
        for value in (text, [text], {"start": text, "end": text, "zone": text}):
            if (error := refusal(field, value)) is not None:
                yield TABLE[WrongInputError], TABLE[WrongInputError](texts, error)


def shown_to_members(text: str, language: str) -> Iterator[Made]:
    """Every card that shows what members type."""
    texts, service = LANGUAGES.texts(language), service_with("name", "Examplia")
    assert service is not None
    answer = HelpAnswer(service, Verdict(Word.NOBODY_ELSE, Confidence.LOW), Tally(), {}, NOW)
    draft = SupportDraft(text, text, text, [0, 7])
    yield support.support_text, support.support_text(texts, texts, answer, draft)
    yield distress.helpline_card, distress.helpline_card(texts, text, HARMLESS)
    yield TABLE[UnknownServiceError], TABLE[UnknownServiceError](texts, UnknownServiceError(text))


def assert_same(hostile: Iterator[Made], harmless: Iterator[Made], kinds: set[str]) -> None:
    ours = [(made_by, sent(made)) for made_by, made in harmless]
    theirs = [(made_by, sent(made)) for made_by, made in hostile]
    assert [one for one, _ in ours] == [one for one, _ in theirs]
    for (made_by, our), (_, their) in zip(ours, theirs, strict=True):
        assert_fits(their)
        expected, found = (
            [[token for token in live(text) if token[0] in kinds] for text in texts_of(payload)]
            for payload in (our, their)
        )
        assert found == expected, (made_by.__name__, texts_of(their))


EVERYTHING = {"calls", "shown", "link", "format", "block", "code"}
FIT = {"phrases": [HARMLESS], "reactions": ["🔥"], "language": HARMLESS, "service": HARMLESS}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("who", ["moderators", "members", "names", "prose", "addresses"])
@given(text=HOSTILE, which=st.integers(0, 9))
@settings(max_examples=50, deadline=None)
@example(text="https://evil.example/**b**||s||", which=0)
@example(text="[**x**](https://evil.example)", which=0)
@example(text="é<@&1>@everyone[x](https://evil.example)", which=0)
@example(text="<:x:12345678901234567>[x](https://evil.example)", which=0)
@example(text="-# small", which=0)
@example(text="12. list", which=0)
@example(text="half \ud800", which=0)
def test_what_people_write_stays_text(who: str, language: str, text: str, which: int) -> None:
    match who:
        case "moderators":
            for made_by, made in refused(text, language):
                assert not live("".join(texts_of(sent(made)))), (made_by, made)
            values = taken(text)
            fit = {field: FIT[field] for field in values}
            ours = shown_to_moderators(HARMLESS, fit, language)
            assert_same(shown_to_moderators(text, values, language), ours, EVERYTHING)
        case "members":
            assert_same(shown_to_members(text, language), shown_to_members(HARMLESS, language), EVERYTHING)
        case _:
            members = {"names": NAMES, "prose": PROSE, "addresses": ADDRESSES}[who]
            member, start = members[which % len(members)], "https://e.example/" if who == "addresses" else ""
            service, harmless = service_with(member, start + text), service_with(member, start + HARMLESS)
            assert harmless is not None
            if service is not None:
                # An operator's prose is Markdown on purpose; it may not call anybody or hide where a link leads.
                kinds = EVERYTHING if who == "names" else {"calls"}
                assert_same(shown_of(service, language), shown_of(harmless, language), kinds)


@pytest.mark.parametrize("text", [one for one in FRAGMENTS if live(one)])
def test_the_scale_would_tell(text: str) -> None:
    """What is put on a card as it is, is noticed: the test above can fail."""
    card = [(note, note(f"a {HARMLESS}"))]
    with pytest.raises(AssertionError):
        assert_same(iter([(note, note(f"a\n{text} b"))]), iter(card), EVERYTHING)


def test_no_card_is_left_out() -> None:
    """Each function that makes a card or a form is among those above, or shows no other people's text."""
    nobodys = {
        privacy.privacy_card,
        privacy.delete_card,
        sources.sources_card,
        distress.distress_card,
        distress.sent_card,
        weekly.weekly_card,
        guide.welcome_card,
        rules.dry_run_card,
        forms.import_form,
        trial.try_form,
        parts.form,
        parts.page,
        checks.tree,
        layout.card,
        note,
        help.thanks,
    }
    service = service_with("name", "Examplia")
    assert service is not None
    shown = (*shown_of(service, "en"), *shown_to_moderators(HARMLESS, FIT, "en"), *shown_to_members(HARMLESS, "en"))
    looked_at = {made_by for made_by, _ in shown}
    rooms = {"render": Path(layout.__file__).parent, "setup": Path(overview.__file__).parent}
    for room, file in ((room, file) for room, folder in rooms.items() for file in folder.glob("[a-z]*.py")):
        module = import_module(f"bot.discord_ui.{room}.{file.stem}")
        for name, made_by in inspect.getmembers(module, inspect.isfunction):
            makes = get_type_hints(made_by).get("return")
            if makes in {layout.Card, ui.Modal} and not name.startswith("_"):
                assert made_by in looked_at | nobodys, f"{room}.{file.stem}.{name}"
