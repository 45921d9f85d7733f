"""Mentions: clear ones are found, near misses are not, spelling makes no difference, and the figures are reached."""

import math
import unicodedata

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mentions.lines import HARMLESS, HELD_OUT, MODEL, WEIGHTS, fingerprint, read_lines
from bot.content.services import read_services
from bot.content.words import read_weights
from bot.core.mention_features import Lexicon, features
from bot.core.mention_score import pooled
from bot.core.mention_text import TextReader
from bot.core.mentions import Detector, MentionKind, Model, Sensitivity
from tests.core.weights import weights
from tests.resources import resources

VOCABULARY = resources().vocabulary
SERVICE = read_services()[0]
DETECTOR = VOCABULARY.detector(SERVICE)
CLEAR = {
    "is cai down for anyone else?": MentionKind.QUESTION,
    "Internal Server Error again...": MentionKind.ERROR,
    "c.ai keeps giving me error 500": MentionKind.ERROR,
    "C.AI WON'T LOAD": MentionKind.SYMPTOM,
    "cai won't let me log in": MentionKind.LOGIN,
    "my messages wont send and the bot never replies": MentionKind.SYMPTOM,
    "is it downnnnn for you guys too": MentionKind.QUESTION,
    "c.ai is down again": MentionKind.SYMPTOM,
    "character ai no funciona, a alguien más le pasa?": MentionKind.SYMPTOM,
    "ist c.ai down?": MentionKind.QUESTION,
    "c.ai落ちてる？": MentionKind.QUESTION,
    "c.ai не работает": MentionKind.SYMPTOM,
}


@pytest.mark.parametrize(("text", "kind"), CLEAR.items())
def test_clear_complaints_are_mentions_of_their_kind(text: str, kind: MentionKind) -> None:
    mention = DETECTOR.detect(text)
    assert mention is not None and mention.kind is kind
    assert 0 < mention.confidence < 1


@pytest.mark.parametrize(
    "text",
    [
        "good morning",
        "is discord down?",
        "my server gives error 500, help with nginx",
        "cai was down yesterday",
        "cai is back up, fixed!",
        "cai works for me",
        "imagine if c.ai is down",
        "`Internal Server Error`",
        "```\n500 internal server error\n```",
        "> is cai down?\nnah",
        "https://example.org/500-internal-server-error",
        "I have 500 gems",
        "im so down bad for this character",
        "",
        "🎉",
        "?!",
    ],
)
def test_near_misses_are_not(text: str) -> None:
    assert DETECTOR.detect(text) is None


def test_the_reason_is_told_in_words() -> None:
    mention = DETECTOR.detect("good evening, c.ai won't load")
    assert mention is not None
    assert mention.why == "says that the service fails now: 'Character.AI won't load'"


def test_sensitivity_is_a_matter_of_confidence() -> None:
    order = [DETECTOR.detect(text) for text in ("is cai down", "Can't open", "the page dosent open")]
    assert all(order)
    for mention in filter(None, order):
        answered = [DETECTOR.replies(mention, s) for s in Sensitivity]
        assert answered == sorted(answered)


@pytest.mark.parametrize(
    "text",
    [
        "iѕ саі dоwn fоr аnyоnе еlѕе?",
        "𝐢𝐬 𝐜𝐚𝐢 𝐝𝐨𝐰𝐧 𝐟𝐨𝐫 𝐚𝐧𝐲𝐨𝐧𝐞 𝐞𝐥𝐬𝐞?",
        "ｉｓ ｃａｉ ｄｏｗｎ ｆｏｒ ａｎｙｏｎｅ ｅｌｓｅ？",
        "IS CAI DOWN FOR ANYONE ELSE?",
        "is cai dow\u200bn for any\u00adone else?",
        "iss caiii downnnn forrr anyoneee elseee?",
        "is cai d0wn for any0ne 3lse?".replace(" 3", " e"),
        "ïs cai dówn for ànyone élse?",
    ],
)
def test_looks_make_no_difference(text: str) -> None:
    plain, dressed = DETECTOR.detect("is cai down for anyone else?"), DETECTOR.detect(text)
    assert plain is not None and dressed is not None
    assert dressed.confidence == plain.confidence


@given(st.text())
def test_never_raises(text: str) -> None:
    DETECTOR.detect(text)


@given(st.text(alphabet=st.sampled_from("aдé가か`*<>\"'!?.5 \n\u0301\u200d\u094d|@#:/cais downer0"), max_size=300))
def test_never_raises_on_what_looks_like_markup(text: str) -> None:
    DETECTOR.detect(text)


@given(st.text() | st.sampled_from(list(CLEAR)), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_nfkc_equal_texts_are_read_the_same(text: str, form: str) -> None:
    other = unicodedata.normalize(form, text)
    if unicodedata.normalize("NFKC", text) == unicodedata.normalize("NFKC", other):
        assert DETECTOR.confidence(text) == DETECTOR.confidence(other)
        assert (DETECTOR.detect(text) is None) == (DETECTOR.detect(other) is None)


@given(st.sampled_from([line.text for line in read_lines(HELD_OUT) if line.mention and "`" not in line.text]))
def test_a_mention_quoted_in_a_code_block_is_none(text: str) -> None:
    assert DETECTOR.detect(f"```\n{text}\n```") is None


@given(
    st.sampled_from(["is down", "won't load", "gave me error 500", "crashed on me", "says internal server error"]),
    st.sampled_from(["cai", "c.ai", "character ai", "the site"]),
    st.sampled_from(["yesterday", "last night", "last week"]),
)
def test_what_was_yesterday_is_over(trouble: str, name: str, when: str) -> None:
    now = DETECTOR.detect(f"{name} {trouble}")
    assert now is not None
    assert DETECTOR.detect(f"{when} {name} {trouble}") is None
    assert DETECTOR.detect(f"{name} {trouble} since {when}, still nothing") is not None


def test_another_service_listens_for_its_own_words() -> None:
    other = SERVICE.__class__(
        **{
            **{name: getattr(SERVICE, name) for name in SERVICE.__slots__},
            "id": "discord",
            "name": "Discord",
            "words": ("discord", "dc"),
        }
    )
    detector = VOCABULARY.detector(other, [SERVICE, other])
    own = detector.detect("is discord down for anyone else?")
    assert own is not None and detector.replies(own) and "Discord" in own.found
    assert detector.detect("is character ai down for anyone else?") is None


def test_the_detector_adds_up_what_training_adds_up() -> None:
    learnt = orjson.loads(MODEL.read_bytes())
    concepts = {c: [entry.split(" ") for entry in entries] for c, entries in learnt["concepts"].items()}
    lexicon, reader = Lexicon(concepts), TextReader(SERVICE.words)
    with WEIGHTS.open(encoding="utf-8") as lines:
        read = read_weights(lines)
    points = {Sensitivity(k): v for k, v in learnt["points"].items()}
    model = Model(read.weights, read.pairs, learnt["bias"], weights({}), -1.0, [], points)
    detector = Detector("x", reader, lexicon, model)
    for line in read_lines(HELD_OUT):
        whole, stretches = features(reader.read(line.text), lexicon)
        sums = [learnt["bias"] + math.fsum(read.weights.of(pieces)) for pieces in (whole, *stretches)]
        assert detector.score(line.text) == pytest.approx(max(pooled(alone, sums[0]) for alone in sums[1:]))


def test_score_and_confidence_say_the_same() -> None:
    for text in CLEAR:
        assert DETECTOR.confidence(text) == pytest.approx(1 / (1 + math.exp(-DETECTOR.score(text))))
    assert DETECTOR.score("good morning") == -math.inf and DETECTOR.confidence("good morning") == 0


@pytest.mark.parametrize("sentence", HARMLESS)
def test_a_harmless_sentence_does_not_hide_a_report(sentence: str) -> None:
    def answered(text: str) -> bool:
        mention = DETECTOR.detect(text)
        return mention is not None and DETECTOR.replies(mention)

    reports = [line.text for line in read_lines(HELD_OUT) if line.mention and line.language == "en"]
    replied = [text for text in reports if answered(text)]
    for diluted in (
        [f"{sentence}, {text}" for text in replied],
        [f"{text.rstrip('.')}. {sentence}" for text in replied],
    ):
        assert sum(map(answered, diluted)) >= 80 / 85 * len(replied)


@pytest.mark.parametrize(
    "text", ["cái máy không mở được", "hoje cai uma chuva forte e não abre o sol", "hoje cai muita neve aqui"]
)
def test_an_everyday_word_is_not_the_service(text: str) -> None:
    assert DETECTOR.detect(text) is None


@pytest.mark.parametrize("text", ["cai is down", "c.ai caiu", "CAI caiu", "c.ai không vào được"])
def test_the_service_is_heard_by_its_short_names(text: str) -> None:
    assert DETECTOR.detect(text) is not None


def test_the_model_was_made_from_what_is_here() -> None:
    assert orjson.loads(MODEL.read_bytes())["made_from"] == fingerprint(), "run `make mentions`"


@pytest.mark.parametrize(("point", "precision", "recall"), [("balanced", 0.97, 0.65), ("eager", 0.90, 0.85)])
def test_figures_on_held_out_lines(point: str, precision: float, recall: float) -> None:
    lines = read_lines(HELD_OUT)
    replied = [
        (m := DETECTOR.detect(line.text)) is not None and DETECTOR.replies(m, Sensitivity(point)) for line in lines
    ]
    right = sum(t and line.mention for t, line in zip(replied, lines, strict=True))
    assert right / sum(replied) >= precision
    assert right / sum(line.mention for line in lines) >= recall
