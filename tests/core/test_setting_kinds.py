"""Kinds of settings: values survive JSON, and each refusal is a sentence about its setting."""

from typing import Any

import pytest

from bot.core.chart import Theme
from bot.core.errors import WrongInputError
from bot.core.quiet_hours import QuietHours
from bot.core.setting_kinds import (
    Channel,
    Channels,
    Duration,
    Emoji,
    Hours,
    Kind,
    Name,
    NameSet,
    OneOf,
    People,
    PhraseList,
    Place,
    Role,
    Switch,
    Text,
)

THEMES = OneOf(Theme, {})


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        (Channels(2), ["1", "2"], frozenset({1, 2})),
        (People(2), [], frozenset()),
        (Channel(Place.ANYWHERE), "7", 7),
        (Role(), None, None),
        (THEMES, "light", Theme.LIGHT),
        (Duration((0, 30)), 30, 30),
        (Switch(), True, True),
        (Name(), "de", "de"),
        (NameSet(2), ["a", "b"], frozenset({"a", "b"})),
        (Hours(), None, None),
        (Hours(), {"start": "22:00", "end": "07:00", "zone": "UTC"}, QuietHours.read("22:00", "7:00", "UTC")),
        (PhraseList(), ["my hamster"], ("my hamster",)),
        (Emoji(2), ["🔥"], ("🔥",)),
        (Text(9), "Call us.", "Call us."),
    ],
)
def test_a_value_goes_to_json_and_back(kind: Kind, written: Any, value: Any) -> None:
    assert kind.read("x", written) == value
    assert kind.write(value) == written


@pytest.mark.parametrize(
    ("kind", "written", "sentence"),
    [
        (Channels(1), ["1", "2"], "x: At most 1 can be chosen."),
        (Channels(1), "1", "x: An import needs a list of Discord ids here."),
        (Channels(2), ["1" * 21], "x: An import needs a list of Discord ids here."),
        (Role(), 7, "x: An import needs a Discord id here, or nothing."),
        (THEMES, "blue", "x: Choose one of the values in the list."),
        (Duration((0, 1)), True, "x: Choose one of the values in the list."),
        (Duration((0, 1)), 2, "x: Choose one of the values in the list."),
        (Switch(), 1, "x: This can only be on or off."),
        (Name(), "", "x: Choose one of the values in the list."),
        (NameSet(2), "a", "x: Choose one of the values in the list."),
        (NameSet(2), ["a", ""], "x: Choose one of the values in the list."),
        (NameSet(2), ["a", "b", "c"], "x: At most 2 can be chosen."),
        (Hours(), "22:00", "x: An import needs a start, an end and a time zone here, or nothing."),
        (PhraseList(), [1], "x: An import needs a list of texts here."),
        (PhraseList(), ["abc"] * 21, "x: At most 20 can be kept."),
        (Emoji(1), ["🔥", "💀"], "x: At most 1 can be kept."),
        (Emoji(1), ["\ud800"], "x: Type emoji such as 🔥 💀, with spaces between them."),
        (Text(3), "four", "x: Use at most 3 characters."),
        (Text(99), "[here](https://example.com)", "x: A link must show its address: paste the address itself."),
        (Text(9), 1, "x: An import needs a text here, or nothing."),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_a_sentence(kind: Kind, written: Any, sentence: str) -> None:
    with pytest.raises(WrongInputError) as error:
        kind.read("x", written)
    assert str(error.value) == sentence and error.value.field == "x"


def test_white_space_around_a_text_goes_and_an_empty_one_is_none() -> None:
    assert Text(9).read("x", "  hi ") == "hi" and Text(9).read("x", "  ") is None
