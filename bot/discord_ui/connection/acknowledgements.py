"""How soon interactions are acknowledged: from their arrival here until Discord has accepted our answer.

Discord waits three seconds. The time on Discord's side and on the way to us is left out, because we cannot influence
it.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

from bot.core.durations import Durations
from bot.discord_ui.answering.interceptor import Parse
from bot.discord_ui.connection.handover import INTERACTION

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
GIVEN_UP_AFTER = 5.0
"""After this many seconds without an answer, an interaction counts as unanswered."""
_KINDS = {2: "command", 3: "press", 4: "autocomplete", 5: "form"}
"""Discord's types of interactions."""
_ANSWER = "/callback"
_TAKEN = 300
"""From this HTTP status on, Discord did not accept the answer."""


class Acknowledgements:
    """Sees each interaction as it arrives (`intercept`), and each answer once Discord has accepted it (`trace`)."""

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._asked: dict[str, tuple[float, str]] = {}
        self._taken = {kind: Durations(BOUNDS) for kind in _KINDS.values()}
        self._unanswered = dict.fromkeys(_KINDS.values(), 0)

    @property
    def taken(self) -> Mapping[str, Durations]:
        """The durations of acknowledged interactions, by kind."""
        return self._taken

    @property
    def unanswered(self) -> Mapping[str, int]:
        """The number of interactions that were never acknowledged, by kind."""
        self._give_up()
        return self._unanswered

    def intercept(self, event: str, parse: Parse) -> Parse:
        """Record the arrival of each interaction."""
        if event != INTERACTION:
            return parse

        def noted(data: Any) -> object:
            self._note(data)
            return parse(data)

        return noted

    def trace(self, trace: aiohttp.TraceConfig) -> aiohttp.TraceConfig:
        """Also observe the answers that pass through this trace."""
        trace.on_request_end.append(self._after)
        return trace

    def _note(self, data: Any) -> None:
        self._give_up()
        try:
            kind = _KINDS.get(data["type"])
            if kind is not None:
                self._asked[str(data["id"])] = self._now(), kind
        except (KeyError, TypeError):
            return  # the next handler of the event reports the fault

    async def _after(self, _session: Any, _context: Any, answer: aiohttp.TraceRequestEndParams) -> None:
        path = answer.url.raw_path
        if not path.endswith(_ANSWER) or answer.response.status >= _TAKEN:
            return
        asked = self._asked.pop(path.split("/")[-3], None)
        if asked is not None:
            at, kind = asked
            self._taken[kind].add(self._now() - at)

    def _give_up(self) -> None:
        oldest = self._now() - GIVEN_UP_AFTER
        while self._asked and (first := next(iter(self._asked.items())))[1][0] < oldest:
            del self._asked[first[0]]
            self._unanswered[first[1][1]] += 1
