"""The badge: its text fits, and its colour is that of the state."""

from xml.etree import ElementTree as ET

from bot.web.badge import COLOURS, badge
from bot.web.document import DocumentRequest
from bot.web.states import PageState
from tests.web.served import LANGUAGES
from tests.web.states import NOW, named, worlds

SVG = "{http://www.w3.org/2000/svg}"
WORLDS = worlds()
STATES = {
    "outage": PageState.OUTAGE,
    "some": PageState.SOME,
    "unknown": PageState.UNKNOWN,
    "back": PageState.BACK,
    "calm": PageState.CALM,
}


def drawn(state: str, name: str = "Character.AI") -> ET.Element:
    one = named(WORLDS[state][0], "one", name)
    return ET.fromstring(badge(DocumentRequest(LANGUAGES.texts("en"), [one], NOW), one).text)


def number(element: ET.Element, name: str) -> float:
    return float(element.get(name, "0"))


def test_each_state_has_its_colour_behind_its_word() -> None:
    for state, page_state in STATES.items():
        (_, behind) = drawn(state).findall(f"{SVG}g/{SVG}rect")
        assert behind.get("fill") == COLOURS[page_state], state
    assert len(set(COLOURS.values())) == len(PageState)


def test_words_stand_on_their_own_part_of_the_badge_and_fill_it() -> None:
    for name in ("X", "Character.AI", "A service with quite a long name"):
        root = drawn("outage", name)
        parts, texts = root.findall(f"{SVG}g/{SVG}rect"), root.findall(f"{SVG}g/{SVG}text")
        assert [text.text for text in texts] == [name, "outage"]
        assert sum(number(part, "width") for part in parts) == number(root, "width")
        assert number(parts[1], "x") == number(parts[0], "width"), "side by side"
        for part, text in zip(parts, texts, strict=True):
            before = number(text, "x") - number(part, "x")
            after = number(part, "width") - before - number(text, "textLength")
            assert before == after >= 5
            assert 5 < number(text, "textLength") / len(text.text or "") < 8, "letters of a usual width"
