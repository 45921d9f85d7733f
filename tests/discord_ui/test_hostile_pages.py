"""Whatever a status page contains, a card that shows it mentions no one, has no links and keeps its form."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.services import read_services
from bot.core.outage_life import Outage, Phase
from bot.core.service import Service
from bot.core.signals import Cause, Incident, Maintenance, Reading, Seen, Signal, State
from bot.core.tally import Counts, Tally
from bot.core.verdict import decide
from bot.discord_ui.render.escape import plain
from bot.discord_ui.render.help import help_card
from bot.discord_ui.render.history import outage_card
from bot.discord_ui.render.layout import MAX_TEXT, Card, Picture
from bot.discord_ui.render.status import details_card, status_card
from bot.usecases.reports.answer_help import HelpAnswer
from tests.resources import resources

NOW = 1_800_000_000
LINK = "https://status.example.org/a_b_c"
MOST_COMPONENTS = 40
LANGUAGES = resources().languages
SERVICE: Service = next(iter(read_services()))

BREAKS = "\u200b"
MENTION = re.compile(r"@everyone|@here|<@|<#|<&|</|<:|<a:|<t:|<id:|<https?:|://", re.IGNORECASE)
OURS = re.compile(rf"<t:-?\d+:[tRf]>|<{re.escape(LINK)}>")
ESCAPED = re.compile(r"\\[^0-9A-Za-z\s]")

PIECES = [
    "@everyone", "@here", "<@1>", "<@!1>", "<@&1>", "<#1>", "</report:1>", "<t:1:R>", "<:x:1>", "<a:x:1>", "<id:home>",
    "[click](https://evil.example)", "[a](<https://evil.example>)", "](https://evil.example)", "[**b**](x)", "[", "]",
    "https://evil.example/**b**||s||`c`", "<https://evil.example>", "steam://run", "discord://-/x", "://", "/", "//",
    "**", "*", "__", "_", "~~", "||", "`", "```", "\n# big", "# ", "-# ", "- ", "> ", ">>> ", "1. ", "\\", "\\\\", "\n",
    "\r\n", "\x00", "\x85", "\u2028", "\u2029", "\u200b", "\u200d", "\u202e", "\u2066", "\u061c", "\u00ad", "\u3164",
    "\ud800", "\ufeff", "\U000e0041", "@\u200beveryone", "@\u00adeveryone", "<\u200b@1>", "{0}", "{title}", "%s", "🔥",
]  # fmt: skip
HOSTILE = st.one_of(
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=30).map("".join),
    st.sampled_from(PIECES).map(lambda piece: piece * (10_000 // len(piece))),
)
TIMES = st.one_of(st.none(), st.floats(-6e10, 2.5e11), st.floats(NOW - 2e5, NOW + 2e5))
LINKS = st.one_of(st.none(), HOSTILE)
INCIDENTS = st.builds(Incident, HOSTILE, HOSTILE, LINKS, TIMES, HOSTILE, st.sampled_from(State))
MAINTENANCES = st.builds(Maintenance, HOSTILE, st.booleans(), LINKS, TIMES, TIMES)


def readings(signal: Signal) -> st.SearchStrategy[Reading]:
    return st.builds(
        Reading,
        st.just(signal),
        st.sampled_from(State),
        st.sampled_from(Cause),
        st.floats(0, 2.5e11),
        st.sampled_from([None, LINK]),
        HOSTILE,
        st.lists(INCIDENTS, max_size=6).map(tuple) if signal is Signal.OFFICIAL else st.just(()),
        st.lists(MAINTENANCES, max_size=9).map(tuple) if signal is Signal.OFFICIAL else st.just(()),
    )


def seen(signal: Signal) -> st.SearchStrategy[Seen | None]:
    return st.one_of(st.none(), st.builds(Seen, readings(signal), st.one_of(st.none(), readings(signal))))


def harmless(held: Seen | None) -> Seen | None:
    """The same, said by a page that means no harm."""

    def tamed(reading: Reading) -> Reading:
        mild = [replace(one, title=_mild(one.title), state=_mild(one.state)) for one in reading.incidents]
        work = tuple(replace(one, title=_mild(one.title)) for one in reading.maintenances)
        return replace(reading, detail=_mild(reading.detail), incidents=tuple(mild), maintenances=work)

    return held and replace(held, now=tamed(held.now), last_known=held.last_known and tamed(held.last_known))


def _mild(text: str) -> str:
    return "x" * len(text) if plain(text) else text  # nothing to see stays nothing


def answer(probe: Seen | None, official: Seen | None) -> HelpAnswer:
    held = {Signal.PROBE: probe, Signal.OFFICIAL: official}
    tally = Tally(Counts(41, 120, 900), Counts(3, 4, 5), 12, 2.0)
    return HelpAnswer(SERVICE, decide(tally, held, NOW), tally, held, NOW)


def ended(title: str) -> Outage:
    return Outage(
        service=SERVICE.id,
        phase=Phase.OVER,
        began=NOW - 3600,
        ended=NOW,
        seen=NOW,
        id=7,
        official_at=NOW - 1800,
        official_title=title,
    )


def texts_of(card: Card) -> list[str]:
    found: list[str] = []

    def walk(components: Sequence[dict[str, Any]]) -> None:
        for component in components:
            if component["type"] == 10:  # a text display
                found.append(component["content"])
            walk(component.get("components", []))

    walk(card.to_components())
    return found


def form(text: str) -> list[tuple[str, int, int, int]]:
    """What Discord makes of a text apart from its words: how each line begins, what is bold, struck, hidden or code."""
    bare = ESCAPED.sub("", OURS.sub("", text))
    starts = [re.match(r"(#{1,3} |-# |- |> |>>> |\d+\. )?", line) for line in bare.split("\n")]
    lines = zip(starts, bare.split("\n"), strict=True)
    return [
        (start[0] if start else "", line.count("**"), line.count("_"), sum(map(line.count, ("`", "~~", "||"))))
        for start, line in lines
    ]


def assert_harmless(card: Card, mild: Card) -> None:
    shown = texts_of(card)
    assert sum(map(len, shown)) <= MAX_TEXT
    assert card.total_children_count <= MOST_COMPONENTS
    for text in shown:
        assert text.strip()
        assert text.encode(), "no half characters"
        assert not MENTION.search(OURS.sub("", text)), text
        assert "[" not in ESCAPED.sub("", text), text
        odd = {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"}} - {"\n", BREAKS}
        assert not odd, odd
    # A card that had to be cut is not of the same form at its end.
    if sum(map(len, shown)) < MAX_TEXT - 10:
        assert [form(text) for text in shown] == [form(text) for text in texts_of(mild)]


def check(probe: Seen | None, official: Seen | None, title: str, language: str) -> None:
    texts = LANGUAGES.texts(language)
    wild, mild = answer(probe, official), answer(harmless(probe), harmless(official))
    picture = Picture("a picture", "bars")
    assert_harmless(status_card(texts, wild, picture), status_card(texts, mild, picture))
    assert_harmless(details_card(texts, wild, picture), details_card(texts, mild, picture))
    assert_harmless(help_card(texts, wild), help_card(texts, mild))
    ended_cards = [outage_card(texts, SERVICE, ended(one), picture) for one in (title, _mild(title))]
    assert_harmless(*ended_cards)
    on = [replace(ended(one), phase=Phase.ON, ended=None, maintenance=one) for one in (title, _mild(title))]
    assert_harmless(*(outage_card(texts, SERVICE, one, picture) for one in on))


ANYTHING = given(seen(Signal.PROBE), seen(Signal.OFFICIAL), HOSTILE, st.sampled_from(["en", "de"]))


@settings(max_examples=200, deadline=None)
@ANYTHING
def test_what_a_page_says_is_harmless_on_every_card(
    probe: Seen | None, official: Seen | None, title: str, language: str
) -> None:
    check(probe, official, title, language)


@pytest.mark.faults
@pytest.mark.timeout(900)
@settings(max_examples=10_000, deadline=None)
@ANYTHING
def test_what_a_page_says_is_harmless_on_every_card_ten_thousand_times(
    probe: Seen | None, official: Seen | None, title: str, language: str
) -> None:
    check(probe, official, title, language)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[click](https://evil.example)", f"\\[click\\](https:{BREAKS}//evil.example)"),
        ("[**b**](x)", "\\[\\*\\*b\\*\\*\\](x)"),
        ("https://evil.example/**b**||s||", f"https:{BREAKS}//evil.example/\\*\\*b\\*\\*\\|\\|s\\|\\|"),
        ("\\[a](b)", "\\\\\\[a\\](b)"),
        ("pay\u00adment \u202eylper\u202c", "payment ylper"),
        ("a\u3164\u061cb", "ab"),
        ("2024. A year", "2024\\. A year"),
        ("one\u2028# two\x85- three", "one # two - three"),
        ("@\u00adeveryone <\u200b@1>", f"@{BREAKS}everyone <{BREAKS}@{BREAKS}1>"),
    ],
)
def test_a_text_is_shown_as_it_was_meant_to_be_read(text: str, shown: str) -> None:
    assert plain(text) == shown
