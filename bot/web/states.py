"""The state of a service on the page: its colour, symbol and short word."""

from collections.abc import Mapping
from enum import StrEnum

from bot.core.texts import N_
from bot.core.verdict import Word
from bot.discord_ui.render.layout import Edge
from bot.discord_ui.render.verdict import edge
from bot.usecases.reports.public_state import PublicService


class PageState(StrEnum):
    """The states, ordered by severity, the worst first."""

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
    PageState.CALM: N_("no known problems"),
}
_BY_EDGE = {
    Edge.OUTAGE: PageState.OUTAGE,
    Edge.SOME: PageState.SOME,
    Edge.UNKNOWN: PageState.UNKNOWN,
    Edge.BACK: PageState.BACK,
    Edge.CALM: PageState.CALM,
}


def unsure(one: PublicService) -> bool:
    """Whether the state is unsure: reports cannot reach us, and the verdict is based on reports or their absence."""
    word = one.answer.verdict.word
    if one.heard or word is Word.SERVICE_SAYS_SO:
        return False
    recent = one.answer.tally.everywhere.quarter
    return not recent or word in {Word.NOBODY_ELSE, Word.BACK_TO_NORMAL}


def state_of(one: PublicService) -> PageState:
    """The state of a service; never better or worse than its headline."""
    if unsure(one):
        return PageState.UNKNOWN
    return _BY_EDGE[edge(one.answer)]
