"""What the other signals add to the reports: confidence, in nats, never a count.

The probe sees only a backend and the official page is slow, so neither may declare an outage alone, or end one:
a signal that says "fine" adds nothing. The weights are a judgement, and small against the detector's bar.
"""

from collections.abc import Mapping
from math import log

from bot.core.signals import TROUBLE, Seen, Signal, State
from bot.core.verdict import FRESH_FOR

PROBE_DOWN, PROBE_DEGRADED, OFFICIAL_TROUBLE, MOST_TALK = 1.0, 0.5, 2.0, 1.0


def weigh(seen: Mapping[Signal, Seen | None], talking: int, usual_talking: float, now: float) -> dict[str, float]:
    """Nats by signal: `probe`, `official`, `talk`; signals that add nothing are left out.

    `talking` are people whose messages spoke of trouble in the last 15 minutes without their reporting it.
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
