"""The network of the second stage combines the encoder's vector and the detector's score."""

import math
from collections.abc import Callable

import orjson

from benchmarks.mentions.lines import HELD_OUT, read_lines
from benchmarks.mentions.second import SECOND, fingerprint
from bot.content.services import read_services
from bot.content.words import second_head
from bot.core.second_stage import Head
from bot.hearing.encoder import Encoder, readable
from tests.resources import resources

HEAD = Head(hidden=[[1.0, 0.0], [0.0, -2.0]], hidden_bias=[0.5, 1.0], out=[2.0, -3.0], bias=-1.0, first=0.5)


def test_it_adds_up_the_hidden_sums_above_zero_and_the_share_of_the_first_stage() -> None:
    assert HEAD.weigh([1.0, 0.0], 4.0) == -1.0 + 2.0 + 2.0 * 1.5 - 3.0 * 1.0
    assert HEAD.weigh([-1.0, 2.0], 0.0) == -1.0, "neither sum is above zero"


def test_it_is_read_as_it_was_learnt() -> None:
    learnt = {"hidden": [[1.0]], "hidden_bias": [0.0], "out": [1.0], "bias": 0.25, "first": 1.0, "more": "ignored"}
    assert math.isclose(Head.read(learnt).weigh([0.5], 1.0), 1.75)


def test_it_was_learnt_from_what_is_here() -> None:
    assert orjson.loads(SECOND.read_bytes())["made_from"] == fingerprint(), "run `make mentions`"


def test_both_stages_on_held_out_lines(figure: Callable[[str], None]) -> None:
    detector = resources().vocabulary.detector(read_services()[0])
    encoder, head, lines = Encoder(), Head.read(orjson.loads(second_head())), read_lines(HELD_OUT)

    def answered(text: str) -> bool:
        doubt = detector.doubt(text)
        if doubt is None:
            return False
        mention = detector.after_second_look(text, head.weigh(encoder.vector(readable(text)), doubt))
        return mention is not None and detector.replies(mention)

    right = [line.mention for line in lines if answered(line.text)]
    precision, recall = sum(right) / len(right), sum(right) / sum(line.mention for line in lines)
    figure(f"both stages on held-out lines: reply precision {precision:.3f}, recall {recall:.3f}")
    assert precision >= 0.97 and recall >= 0.75
