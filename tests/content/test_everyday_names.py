"""Names that are everyday words: when the built-in services recognise them, in messages of several languages."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.content.services import read_services
from bot.content.words import Vocabulary
from bot.core.mentions import Detector
from bot.core.service_names import ServiceNames
from tests.resources import resources

SERVICES = {service.id: service for service in read_services()}
WRONG = {
    "why does the bathroom fill with steam, the fan isn't working",
    "our office janitor quit and the sink is broken",
}
"""Lines that the rules take for the service's name."""
ONLY_TALK = {
    "our office janitor quit and the sink is broken",
    "there's discord in the group and it won't end",
    "typical gemini, never answers my messages",
    "i called claude, he can't log in either",
    "there is steam coming out of my pc and it won't start",
    "janitors on strike, the toilets are out of order",
}
"""Lines that are no report, but count as talk of trouble because of their other words."""


class Line(NamedTuple):
    service: str
    meant: bool
    text: str


def lines() -> list[Line]:
    rows = (Path(__file__).parent / "everyday_names.tsv").read_text("utf-8").splitlines()
    cells = [row.split("\t") for row in rows if not row.startswith("#")]
    return [Line(service, meant == "yes", text) for _, service, _, meant, text in cells]


LINES = lines()


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return resources().vocabulary


@pytest.fixture(scope="module")
def detectors(vocabulary: Vocabulary) -> dict[str, Detector]:
    ids = {line.service for line in LINES}
    return {one: vocabulary.detector(SERVICES[one], SERVICES.values()) for one in ids}


def named(vocabulary: Vocabulary, texts: Sequence[Line]) -> dict[str, list[str]]:
    """The services that each text names, where all are followed."""
    readers = {one: vocabulary.reader(service) for one, service in SERVICES.items()}
    names = ServiceNames({one: service.words for one, service in SERVICES.items()}, readers)
    return {line.text: names.named([line.text], list(SERVICES)) for line in texts}


def test_a_message_names_a_service_only_where_its_word_means_the_service(vocabulary: Vocabulary) -> None:
    found = named(vocabulary, LINES)
    assert {line.text for line in LINES if found[line.text] != [line.service] * line.meant} == WRONG


def test_what_means_something_else_is_no_report_in_a_server_that_follows_the_service(
    detectors: dict[str, Detector],
) -> None:
    mentions = {line.text: (line, detectors[line.service].detect(line.text)) for line in LINES if not line.meant}
    assert {text for text, (_, mention) in mentions.items() if mention is not None} == ONLY_TALK
    assert not any(
        mention is not None and detectors[line.service].replies(mention) for line, mention in mentions.values()
    )


@pytest.mark.parametrize(
    ("service", "text"),
    [
        ("steam", "my kettle lets off steam and does not work"),
        ("claude", "claude from work can't log in to his own pc"),
        ("twitch", "twitch in my eye, it does not stop"),
        ("discord", "discord between them, nothing works"),
        ("gemini", "gemini horoscope is down on luck"),
        ("janitor-ai", "the janitor closed the server room"),
    ],
)
def test_the_same_word_in_a_report_is_still_heard(service: str, text: str, detectors: dict[str, Detector]) -> None:
    word, detector = SERVICES[service].words[0], detectors[service]
    assert detector.detect(text) is None
    report = detector.detect(f"{text}. anyway, is {word} down for anyone else?")
    assert report is not None
