"""Sentences: values by name, plural forms by number, English without a translation."""

from gettext import NullTranslations

from bot.core.texts import N_, Texts


class German(NullTranslations):
    def gettext(self, message: str) -> str:
        return {"{who} saw {n}": "{n} sah {who}"}.get(message, message)

    def ngettext(self, one: str, other: str, n: int) -> str:
        return "{n} Mensch, {where}" if n == 1 else "{n} Menschen, {where}"


ENGLISH, GERMAN = Texts("en", NullTranslations()), Texts("de", German())


def test_a_sentence_is_said_with_its_values_in_the_translators_order() -> None:
    assert ENGLISH.say("{who} saw {n}", who="Ann", n=3) == "Ann saw 3"
    assert GERMAN.say("{who} saw {n}", who="Ann", n=3) == "3 sah Ann"
    assert GERMAN.say("Not translated") == "Not translated"
    assert (ENGLISH.language, GERMAN.language) == ("en", "de")


def test_numbers_choose_the_plural_form_and_are_filled_in() -> None:
    for n, text in ((1, "1 person in x"), (0, "0 people in x"), (2, "2 people in x")):
        assert ENGLISH.many("{n} person in {where}", "{n} people in {where}", n, where="x") == text
    assert GERMAN.many("{n} person in {where}", "{n} people in {where}", 1, where="x") == "1 Mensch, x"


def test_what_other_people_wrote_is_no_pattern() -> None:
    assert ENGLISH.say("{who} saw it", who="{who} {0} %s") == "{who} {0} %s saw it"


def test_a_marked_sentence_is_itself() -> None:
    assert N_("Later.") == "Later."
