"""Sentences: collected, complete, and harmless in every language."""

import re
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from bot.content.services import read_services
from bot.content.texts import Catalogues
from bot.core.signals import Cause, Signal, State
from bot.core.verdict import Word
from bot.discord_ui.render import words
from tests.texts import LOCALES, TEMPLATE, collect, template

TRANSLATIONS = sorted(path.parent.parent.name for path in LOCALES.glob("*/LC_MESSAGES/bot.po"))
UNWANTED = re.compile(r"@everyone|@here|<[@#&!]|\]\(|https?://")


def catalogue(language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / "bot.po").open("rb") as source:
        return read_po(source, locale=language.replace("-", "_"))


def names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_template_is_fresh() -> None:
    assert TEMPLATE.read_bytes() == template(collect()), "run `make texts`"


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_translations_are_complete_with_the_same_names_filled_in(language: str) -> None:
    translated = {message.id: message for message in catalogue(language) if message.id}
    for message in collect():
        if not message.id:
            continue
        found = translated.get(message.id)
        assert found is not None and found.string and not found.fuzzy, message.id
        ours = message.id if isinstance(message.id, tuple) else (message.id,)
        theirs = found.string if isinstance(found.string, tuple) else (found.string,)
        for said in theirs:
            assert said, message.id
            assert names(said) <= names(ours[-1]) | {"n"}, message.id
            assert not UNWANTED.search(said), message.id
        assert names(theirs[-1]) >= names(ours[-1]) - {"n"}, message.id


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_translated_interface_has_its_guides(language: str) -> None:
    assert all(language in service.guides for service in read_services())


def test_every_value_has_its_sentence() -> None:
    assert words.HEADLINES.keys() == set(Word)
    assert words.SIGNALS.keys() == words.MARKS.keys() == set(Signal)
    assert words.STATES.keys() == set(State)
    assert words.CAUSES.keys() == set(Cause)


def test_an_unknown_language_is_spoken_in_english(tmp_path: Path) -> None:
    texts = Catalogues.read(tmp_path).texts("tlh")
    assert texts.say("Counted. {others}", others="x") == "Counted. x"
    assert texts.many("{n} minute", "{n} minutes", 1) == "1 minute"
    assert texts.many("{n} minute", "{n} minutes", 2) == "2 minutes"
