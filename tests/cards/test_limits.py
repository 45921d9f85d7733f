"""Limits of cards: their height on a phone, the length of auto-replies, and no label that is only an emoji."""

import re

import pytest
from PIL import features

from tests.cards.cards import makers
from tests.cards.measure import MENUS, TEXT, buttons_of, edge_of, height, lines_of, parts, rows_of, texts_of
from tests.resources import resources

NOW = 1_767_268_800
LANGUAGES = ("en", "de")
CARDS = {
    (language, name): make(resources().languages.texts(language)).card
    for language in LANGUAGES
    for name, make in makers(NOW).items()
}
IN_AN_OUTAGE = re.compile(
    r"(500|status|help)-(outage|service-says-so|faded)|announcement-(suspected|on|faded|fullest|simulated)|reply-|post-|report-|call-"
)
WITHIN_AN_OUTAGE, OTHERWISE = 600, 1100
ONLY_WORDLESS = re.compile(r"[\W_]*")
needs_kerning = pytest.mark.skipif(
    not features.check("raqm"), reason="Pillow measures letters without kerning here: apt-get install libfribidi0"
)


def limit(name: str) -> int:
    return WITHIN_AN_OUTAGE if IN_AN_OUTAGE.match(name) else OTHERWISE


@needs_kerning
def test_a_card_is_no_taller_than_its_state_allows() -> None:
    # The count without a browser is up to 3 % off.
    tall = {key: round(height(card)) for key, card in CARDS.items() if height(card) > 1.03 * limit(key[1])}
    assert not tall


@needs_kerning
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reply_nobody_asked_for_has_five_lines_and_one_row_of_buttons(language: str) -> None:
    replies = {name: card for (tongue, name), card in CARDS.items() if tongue == language and name.startswith("reply-")}
    for name, card in replies.items():
        if name == "reply-more":  # this one was asked for
            continue
        assert lines_of(card) <= 5 + (language != "en"), name
        assert rows_of(card) == 1 and len(buttons_of(card)) <= 3, name


def test_the_main_action_is_one_and_comes_first() -> None:
    for key, card in CARDS.items():
        primary = [part["label"] for part in parts(card) if part["type"] == 2 and part.get("style") == 1]
        assert len(primary) <= 1, key
        assert not primary or buttons_of(card)[0] == primary[0], key


def test_no_line_is_said_twice_on_a_card() -> None:
    for key, card in CARDS.items():
        lines = [line for line in texts_of(card) if len(line) > 20 and not line.startswith("- ")]
        assert len(lines) == len(set(lines)), key


def test_nothing_is_labelled_by_an_emoji_alone() -> None:
    for key, card in CARDS.items():
        wordless = [label for label in buttons_of(card) if ONLY_WORDLESS.fullmatch(label)]
        assert not wordless, key
        menus = [part for part in parts(card) if part["type"] in MENUS]
        assert all(len(menu["placeholder"]) > 3 for menu in menus), key


def test_a_card_with_a_picture_says_what_its_marks_mean_and_tells_all_of_it_to_those_who_cannot_see_it() -> None:
    for key, card in CARDS.items():
        found = list(parts(card))
        for number, part in enumerate(found):
            if part["type"] == 12:
                assert "UTC" in part["items"][0]["description"], key
                assert found[number + 1]["type"] == TEXT and found[number + 1]["content"].startswith("-# "), key


def test_every_state_has_its_colour_and_words_that_say_the_same() -> None:
    by_colour: dict[int, set[str]] = {}
    for (language, name), card in CARDS.items():
        colour = edge_of(card)
        if language == "en" and colour is not None and name.startswith("500-"):
            by_colour.setdefault(colour, set()).add(texts_of(card)[0])
    assert len(by_colour) == 5
    headlines = [headline for several in by_colour.values() for headline in several]
    assert len(headlines) == len(set(headlines)), "no headline has two colours"
