"""Cooldowns: something may happen once per key and stretch of time."""

from collections.abc import Hashable

_SWEEP_AFTER = 10_000


class Cooldowns:
    """Keys and when each is free again; old keys are swept, so memory stays bounded."""

    def __init__(self) -> None:
        self._free_at: dict[Hashable, float] = {}

    def ready(self, key: Hashable, now: float) -> bool:
        """Whether the key is free at `now` (seconds of any steady clock)."""
        return self._free_at.get(key, now) <= now

    def start(self, key: Hashable, now: float, seconds: float) -> None:
        """Close the key for `seconds`."""
        if len(self._free_at) >= _SWEEP_AFTER:
            self._free_at = {k: at for k, at in self._free_at.items() if at > now}
        self._free_at[key] = now + seconds

    def take(self, key: Hashable, now: float, seconds: float) -> bool:
        """Close the key and say True, if it was free."""
        if not self.ready(key, now):
            return False
        self.start(key, now, seconds)
        return True
