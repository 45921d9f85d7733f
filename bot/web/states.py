"""The state of a service on the page, as its colour, its mark and its short word."""

from collections.abc import Mapping
from enum import StrEnum

from bot.core.texts import N_
from bot.core.verdict import Word
from bot.discord_ui.render.layout import Edge
from bot.discord_ui.render.verdict import edge
from bot.usecases.reports.public_state import PublicService


class PageState(StrEnum):
    """By how much it needs attention, the most first."""

    OUTAGE = "outage"
    SOME = "some"
    UNKNOWN = "unknown"
    BACK = "back"
    CALM = "calm"


SHORT: Mapping[PageState, str] = {
    PageState.OUTAGE: N_("outage"),
    PageState.SOME: N_("some trouble"),
    PageState.UNKNOWN: N_("unknown"),
    PageState.BACK: N_("back to normal"),
    PageState.CALM: N_("no trouble known"),
}
_BY_EDGE = {
    Edge.OUTAGE: PageState.OUTAGE,
    Edge.SOME: PageState.SOME,
    Edge.UNKNOWN: PageState.UNKNOWN,
    Edge.BACK: PageState.BACK,
    Edge.CALM: PageState.CALM,
}


def state_of(one: PublicService) -> PageState:
    """The state of a service; never better or worse than its headline."""
    if not one.heard and one.answer.verdict.word is Word.NOBODY_ELSE:
        return PageState.UNKNOWN
    return _BY_EDGE[edge(one.answer)]
