"""Sentences: collected, complete, and harmless in every language."""

import re
from collections import Counter
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
UNWANTED = re.compile(
    r"""
    @everyone | @here | <(?:[@\#&!/]|id:|a?:\w+:|t:)   # calls, and what else Discord makes of angle brackets
  | \]\( | \w+:// | \bwww\. | \bdiscord\.gg\b       # leads somewhere, openly or not
  | [\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]  # is not seen, or turns what is
  | ```
    """,
    re.VERBOSE,
)


def catalogue(language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / "bot.po").open("rb") as source:
        return read_po(source, locale=language.replace("-", "_"))


def fields(sentence: str) -> set[str]:
    """The placeholders as written: `{n}`, but not `{n.__class__}` or `{n:>999999999}`."""
    parsed = [one for one in Formatter().parse(sentence) if one[1] is not None]
    return {f"{name}{'!' + how if how else ''}{':' + width if width else ''}" for _, name, width, how in parsed}


def faults(ours: str | tuple[str, ...], theirs: str | tuple[str, ...]) -> list[str]:
    """What a translation has that its English sentence has not, or lacks."""
    english = ours if isinstance(ours, tuple) else (ours,)
    found: list[str] = []
    for said in (said_in := theirs if isinstance(theirs, tuple) else (theirs,)):
        if not said:
            return ["it is not translated"]
        try:
            if more := fields(said) - fields(english[-1]) - {"n"}:
                found.append(f"fills in {', '.join(sorted(more))}")
        except ValueError as error:
            found.append(f"cannot be filled in: {error}")
            continue
        allowed = Counter(UNWANTED.findall(english[-1]))
        found += [f"has {one!r}" for one in (Counter(UNWANTED.findall(said)) - allowed)]
        for sign in ("*", "_", "`", "~", "|", "#", "\n"):
            if said.count(sign) > max(one.count(sign) for one in english):
                found.append(f"has more {sign!r}")
    if not found and (less := fields(english[-1]) - {"n"} - fields(said_in[-1])):
        found.append(f"lacks {', '.join(sorted(less))}")
    return found


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
        assert not faults(message.id, found.string), message.id


@pytest.mark.parametrize(
    ("ours", "theirs", "wording"),
    [
        ("Try it.", "Versuch es @everyone", "has '@everyone'"),
        ("Try it.", "<@&1234> Versuch es", "has '<@'"),
        ("Try it.", "</500:1> versuchen", "has '</'"),
        ("Try it.", "[Versuch es](https://evil.example)", "has ']('"),
        ("Try it.", "Versuch es auf https://evil.example", "has 'https://'"),
        ("Try it.", "Versuch es auf discord.gg/evil", "has 'discord.gg'"),
        ("See https://a.example", "Sieh https://a.example und https://b.example", "has 'https://'"),
        ("Try it.", "Versuch \u202ese", "has '\\u202e'"),
        ("Try it.", "# Versuch es", "has more '#'"),
        ("Try it.", "Versuch es\n-# sofort", "has more"),
        ("{n} of {all}", "{n} von {all.__class__}", "fills in all.__class__"),
        ("{n} of {all}", "{n} von {all:>999999999}", "fills in all:>999999999"),
        ("{n} of {all}", "{n} von {all!r}", "fills in all!r"),
        ("{n} of {all}", "{n} von {", "cannot be filled in"),
        ("{n} of {all}", "{n} von allen", "lacks all"),
        (("{n} server", "{n} servers"), ("{n} Server", "{n} Server @here"), "has '@here'"),
        (("{n} server", "{n} servers"), ("{n} Server", ""), "not translated"),
    ],
)
def test_a_poisoned_translation_is_found(ours: str, theirs: str, wording: str) -> None:
    assert any(wording in fault for fault in faults(ours, theirs)), faults(ours, theirs)


def test_a_poisoned_catalogue_is_found(tmp_path: Path) -> None:
    """As it is read from a file, with everything else in it right."""
    text = (LOCALES / "de" / "LC_MESSAGES" / "bot.po").read_text()
    poisoned = re.sub(r'(msgid "Me too"\nmsgstr )".*"', r'\1"[Me too](https://evil.example)"', text)
    assert poisoned != text
    path = tmp_path / "bot.po"
    path.write_text(poisoned)
    with path.open("rb") as source:
        read = read_po(source, locale="de")
    assert [message.id for message in read if message.id and faults(message.id, message.string)] == ["Me too"]


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_translated_interface_has_its_guides(language: str) -> None:
    assert all(language in service.guides for service in read_services())


def test_every_value_has_its_sentence() -> None:
    assert words.HEADLINES.keys() == set(Word)
    assert words.SIGNALS.keys() == {Signal.PEOPLE, *words.STATES} == set(Signal)
    assert all(sentences.keys() == set(State) for sentences in words.STATES.values())
    assert words.CAUSES.keys() == set(Cause)


def test_an_unknown_language_is_spoken_in_english(tmp_path: Path) -> None:
    texts = Catalogues.read(tmp_path).texts("tlh")
    assert texts.say("Counted. {others}", others="x") == "Counted. x"
    assert texts.many("{n} minute", "{n} minutes", 1) == "1 minute"
    assert texts.many("{n} minute", "{n} minutes", 2) == "2 minutes"
