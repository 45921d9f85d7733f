"""The evidence that other signals add to people's reports: confidence in nats, never a number of people.

The probe sees only a backend, and the official page is slow. So neither can start or end an outage alone: a signal that
says "fine" adds nothing. The values are our judgement, small compared with the detector's threshold.
"""

from collections.abc import Mapping
from math import log

from bot.core.signals import TROUBLE, Seen, Signal, State
from bot.core.verdict import FRESH_FOR

PROBE_DOWN, PROBE_DEGRADED, OFFICIAL_TROUBLE, MOST_TALK = 1.0, 0.5, 2.0, 1.0


def weigh(seen: Mapping[Signal, Seen | None], talking: int, usual_talking: float, now: float) -> dict[str, float]:
    """Nats per signal (`probe`, `official`, `talk`); signals that add nothing are left out.

    `talking` is the number of people who wrote about trouble in the last 15 minutes without reporting it.
    """
    found: dict[str, float] = {}
    probe = _fresh(seen.get(Signal.PROBE), now)
    if probe in TROUBLE:
        found["probe"] = PROBE_DOWN if probe is State.DOWN else PROBE_DEGRADED
    if _fresh(seen.get(Signal.OFFICIAL), now) in TROUBLE:
        found["official"] = OFFICIAL_TROUBLE
    if (talk := log((1 + talking) / (1 + usual_talking))) > 0:
        found["talk"] = min(talk / 2, MOST_TALK)
    return found


def _fresh(held: Seen | None, now: float) -> State | None:
    return held.now.state if held is not None and held.now.at > now - FRESH_FOR else None
