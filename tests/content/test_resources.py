"""The package's own data, which is read once for a bot."""

from bot.content.resources import Resources
from bot.content.services import read_services


def test_what_comes_with_the_package_is_there() -> None:
    read, service = Resources.read(), read_services()[0]
    assert {"en", "de"} <= set(read.languages.names())
    detector = read.vocabulary.detector(service)
    assert (mention := detector.detect("is character ai down?")) and detector.replies(mention)
    assert read.distress.matches("i want to kill myself")
