"""The demo's script as data: the messages, reactions and reports, with their times."""

from dataclasses import dataclass
from enum import StrEnum


class Scenario(StrEnum):
    """The stories of the demo."""

    OUTAGE = "outage"
    CALM = "calm"


class Act(StrEnum):
    """The kinds of actions in a story."""

    SAY = "say"
    """A member writes `text`."""
    REACT = "react"
    """A member reacts with `text` to the bot's newest auto-reply."""
    CROWD = "crowd"
    """`count` people in other servers report `text` (a symptom)."""
    BREAK = "break"
    """The service begins to fail: its health endpoint answers 500, the status page reports it."""
    MEND = "mend"
    """The service works again, and the status page says so."""


@dataclass(frozen=True, slots=True)
class Line:
    """One action, `at` seconds after the page opened (at normal pace). The demo's own clock runs faster."""

    at: float
    act: Act
    who: str = ""
    text: str = ""
    count: int = 0


STORIES: dict[Scenario, tuple[Line, ...]] = {
    Scenario.CALM: (
        Line(3, Act.SAY, "ben", "has anyone tried the new voices? they are so good"),
        Line(7, Act.SAY, "cleo", "yes! my detective character finally sounds grumpy enough"),
        Line(12, Act.SAY, "cleo", "hm, c.ai won't load on my laptop, is it down?"),
        Line(20, Act.SAY, "ben", "works fine here"),
    ),
    Scenario.OUTAGE: (
        Line(3, Act.SAY, "ben", "my detective was just about to reveal the murderer"),
        Line(7, Act.BREAK),
        Line(8, Act.CROWD, text="error", count=3),
        Line(10, Act.SAY, "ben", "is c.ai down for anyone else? I only get internal server error"),
        Line(14, Act.REACT, "cleo", "😭"),
        Line(17, Act.CROWD, text="chats", count=6),
        Line(20, Act.SAY, "cleo", "same here, since a minute or so"),
        Line(24, Act.CROWD, text="error", count=12),
        Line(28, Act.REACT, "dan", "👍"),
        Line(34, Act.CROWD, text="login", count=9),
        Line(40, Act.CROWD, text="chats", count=8),
        Line(43, Act.REACT, "ben", "➕"),
        Line(48, Act.SAY, "cleo", "it won't load at all now, is the site down?"),
        Line(55, Act.CROWD, text="error", count=9),
        Line(65, Act.CROWD, text="chats", count=7),
        Line(75, Act.CROWD, text="error", count=8),
        Line(85, Act.CROWD, text="login", count=6),
        Line(95, Act.CROWD, text="error", count=5),
        Line(100, Act.MEND),
        Line(104, Act.SAY, "dan", "oh, it answers again"),
    ),
}
