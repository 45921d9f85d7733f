"""Sentences of the cards as HTML."""

from html import unescape

import html5lib
from hypothesis import given
from hypothesis import strategies as st

from bot.discord_ui.render.escape import plain
from bot.web.markup import PageReader, html, moment

NOW = 1_796_040_000
READER = PageReader("en", NOW)


def test_bold_type_and_times_become_elements() -> None:
    assert html(f"**41 people** since <t:{NOW}:t> now", READER) == (
        '<strong>41 people</strong> since <time datetime="2026-11-30T12:00:00Z" data-form="t">12:00 UTC</time> now'
    )


def test_times_are_in_the_language_of_the_reader() -> None:
    at = 1_795_780_800 + 8 * 3600
    texts = {form: str(moment(at, form, PageReader("de", at + 600))).split(">")[1].split("<")[0] for form in "tfdR"}
    assert texts == {
        "t": "20:00 UTC",
        "f": "27. November 2026, 20:00 UTC",
        "d": "27. Nov.",
        "R": "vor 10 Minuten",
    }


def test_what_lies_ahead_is_no_age_below_zero() -> None:
    assert ">1 second ago<" in moment(NOW + 50, "R", READER)


@given(st.text())
def test_no_text_of_others_is_more_than_text(text: str) -> None:
    made = html(plain(text), READER)
    body = html5lib.HTMLParser(namespaceHTMLElements=False).parseFragment(str(made))
    assert list(body.iter())[1:] == [], "an element"
    assert unescape(str(made)).replace("\\", "") == plain(text).replace("\\", "").replace("\u200b", "")
