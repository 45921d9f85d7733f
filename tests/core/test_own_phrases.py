"""A server's own phrases: which messages they meet, and which of them are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import InvalidValueError
from bot.core.own_phrases import OwnPhrases, check_phrase, phrase_rule


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("ate my chat", "it ATE  my chaaat!", True),
        ("ate my chat", "it ate my chatter", False),
        ("ate my chat", "plate my chat", False),
        ("落ちた", "サーバー落ちたよ", True),
        ("café is closed", "CAFE is closed", True),
        ("c.ai died", "omg c ai died", True),
        ("/ghost(ed|ing) me/", "the bot is GHOSTING ME", True),
        ("/^no$/", "no thanks", False),
        ("500", "so what's for dinner", False),
        ("500", "it says 500 again", True),
        ("error 404", "ERROR 404!", True),
        ("бот опять завис", "lol бот опять завис", True),
        ("не работает", "c.ai не работает опять", True),
        ("काम", "किम जोंग", False),
        ("ล่ม", "ลมแรงมาก", False),
        ("ʼʼʼ", "!!! 😂", False),
        ("/rip cai/", "rip cai \ud800", True),
    ],
)
def test_own_phrases(phrase: str, text: str, found: bool) -> None:
    assert (OwnPhrases([check_phrase(phrase)]).find(text) == phrase) is found


@given(st.text(max_size=120))
def test_any_phrase_is_refused_by_name_or_can_be_looked_for(phrase: str) -> None:
    try:
        kept = check_phrase(phrase)
    except InvalidValueError as error:
        assert error.field == "phrases"
    else:
        assert check_phrase(kept) == kept
        OwnPhrases([kept]).find("some text")
        assert phrase_rule(kept).startswith("own.")


@pytest.mark.parametrize("phrase", ["!!!", "🎉🎉🎉", "a\ud800b"])
def test_phrases_without_words_are_refused(phrase: str) -> None:
    with pytest.raises(InvalidValueError):
        check_phrase(phrase)
