"""The evidence that the other signals add to people's reports, in nats. It never adds people.

The probe sees only a backend, and the official page is slow. So neither can start or end an outage alone. A signal that
says "fine" adds nothing, and neither does trouble that has lasted for hours. The maximum for each signal is our
estimate, small compared with the detector's threshold. A signal that was often wrong adds less.
"""

from collections.abc import Mapping
from math import log

from bot.core.reports import HOUR
from bot.core.signal_history import SignalHistory
from bot.core.signals import Signal, State

FADES_WITHIN = 2 * HOUR
"""Trouble that another signal began to show this long ago is no longer new."""

MOST: Mapping[Signal, Mapping[State, float]] = {
    Signal.PROBE: {State.DOWN: 1.0, State.DEGRADED: 0.5},
    Signal.OFFICIAL: {State.DOWN: 2.0, State.DEGRADED: 1.5},
}
MOST_TALK = 1.0


def weigh(
    histories: Mapping[Signal, SignalHistory], talking: int, usual_talking: float, now: float
) -> dict[str, float]:
    """Nats per signal (`probe`, `official`, `talk`); signals that add nothing are left out.

    `talking` is the number of people who wrote about trouble in the last 15 minutes without reporting it.
    """
    found: dict[str, float] = {}
    for signal, history in histories.items():
        if history.trouble(now) and history.state is not None and history.worse is not None:
            newness = 1 - max(0.0, now - history.worse) / FADES_WITHIN
            nats = MOST[signal][history.state] * history.trust * newness
            if nats > 0:
                found[signal.value] = nats
    if (talk := log((1 + talking) / (1 + usual_talking))) > 0:
        found["talk"] = min(talk / 2, MOST_TALK)
    return found
