"""Tables of common words that the detectors of all services share."""

from bot.core.common_words import CommonWords
from bot.core.mention_text import TextReader
from bot.core.mentions import Detector, Model, Sensitivity
from bot.core.shared_lexicon import SharedLexicon
from tests.core.weights import weights

WORDS = ("is", "down", "line", "again")


def model() -> Model:
    table = weights({"<svc>": 2.0, "down": 1.5, "line": -3.0})
    points = dict.fromkeys(Sensitivity, 0.5)
    return Model(table, {sign: {} for sign in ">&+"}, -1.0, table, 0.0, WORDS, points)


def test_a_detector_says_the_same_with_shared_tables_as_with_its_own() -> None:
    lexicon = SharedLexicon({"fails": [["down"]]})
    common = CommonWords(model(), lexicon)
    for words in (["claude"], ["line"]):  # a service may be called like a common word
        reader = TextReader(words)
        own = Detector("x", TextReader(words), SharedLexicon({"fails": [["down"]]}), model())
        shared = Detector("x", reader, lexicon, model(), common.of(reader))
        for text in ("is line down again", "claude is down", "line", "down again. is it", ""):
            assert shared.score(text) == own.score(text)
    assert common.tokens["line"] == "line"
