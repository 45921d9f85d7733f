"""Reading a message: spelling tricks are undone, markup is recognised, clauses are split, and the work is bounded."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.mention_text import END, MAX_LENGTH, MAX_TOKENS, TextReader, clauses, flat, fold, written_together

READER = TextReader(("c.ai", "cai", "character ai"), ("discord", "other one"))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Is C.AI down?? lol", "is <svc> down ? lol"),
        ("`error 500` and `x = 1`", "<shown> and <code>"),
        ("```\nlong\n``` after", "<code> after"),
        ("> quoted line\nmine", "<quote> | mine"),
        ("look https://x.y/z <@123> <:smile:1> there", "lok <url> <user> <emoji> there"),
        ("*walks slowly to the door* hi", "<act> hi"),
        ("*short* hi", "short hi"),
        ("503 and 42 and 1.5", "<5xx> and <num> and <num>"),
        ("soooo doooown", "so down"),
        ("it's don't", "its dont"),
        ("d0wn", "down"),
        ("落ちてる c.aiii", "落ちてる <svc>"),
        ("character-ai Discord other one", "<svc> <other> <other>"),
        ("🎉 hm", "🎉 hm"),
        ("... !! ,, a", "a"),
        ("one. two, four", "one | two | four"),
        ("سؤال؟", "سوال ?"),
        ("mycai cais", "mycai cais"),
        ("", ""),
    ],
)
def test_a_message_is_read_as_its_words_and_what_stands_for_markup(text: str, tokens: str) -> None:
    assert READER.read(text) == tokens.split()


@pytest.mark.parametrize(
    "text", ["саі dоwn", "ＣＡＩ down", "c\u200bai do\u00adwn", "cai dówn", "CAI DOWN", "caiii downnn"]
)
def test_looks_make_no_difference(text: str) -> None:
    assert READER.read(text) == ["<svc>", "down"]


@pytest.mark.parametrize("text", ["cái down", "CÁI down", "ca\u0301i down", "cäi down"])
def test_a_name_keeps_its_accents(text: str) -> None:
    assert READER.read(text) == ["cai", "down"]


def test_marks_that_make_no_letter_do_not_hide_a_name() -> None:
    assert READER.read("c\u0336a\u0336i\u0336 down") == ["<svc>", "down"]


def test_a_careful_word_is_the_name_unless_everyday_words_stand_beside_it() -> None:
    reader = TextReader(("c.ai", "cai", "c ai"), (), {"cai": frozenset({"não", "hoje"})})
    assert reader.read("hoje cai neve, c.ai") == ["hoje", "<maysvc>", "neve", "|", "<svc>"]
    assert reader.read("cai caiu") == ["<svc>", "caiu"]
    assert reader.read("c-ai hoje") == ["<svc>", "hoje"]


def test_tokens_keep_their_letters_for_the_reason_that_is_told() -> None:
    assert READER.spelt("C.AI doooown") == [("<svc>", "<svc>"), ("down", "doooown")]


def test_only_so_much_of_a_long_message_is_read() -> None:
    assert len(READER.read("word " * 700)) == MAX_TOKENS == 240
    assert len(flat("é" * 10_000)) == len(flat("e" * 10_000)) == MAX_LENGTH == 4000


def test_clauses_are_never_empty() -> None:
    assert list(clauses(["a", END, END, "b", "c", END])) == [["a"], ["b", "c"]]
    assert list(clauses([END])) == list(clauses([])) == []


def test_scripts_without_spaces_hold_many_words() -> None:
    assert written_together("落ちてる") and written_together("ล่ม") and written_together("한국")
    assert not written_together("down") and not written_together("работает") and not written_together("🎉")


@given(st.text(max_size=60), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_texts_that_are_equal_to_readers_are_equal(text: str, form: str) -> None:
    other = unicodedata.normalize(form, text)
    if unicodedata.normalize("NFKC", text) == unicodedata.normalize("NFKC", other):
        assert READER.read(text) == READER.read(other)


@given(st.text(max_size=30))
def test_folding_a_word_twice_changes_nothing_more(word: str) -> None:
    assert fold(fold(flat(word))) == fold(flat(word))
