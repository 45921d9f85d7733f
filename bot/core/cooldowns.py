"""Cooldowns: something may happen only once per key within a time."""

from collections.abc import Hashable

_SWEEP_AFTER = 10_000


class Cooldowns:
    """Blocked keys, each with the start and end of its cooldown. Old keys are removed, so memory stays bounded.

    A cooldown that starts in the future is ignored, because the clock was set back and it would block the key for too
    long.
    """

    def __init__(self) -> None:
        self._blocked: dict[Hashable, tuple[float, float]] = {}

    def ready(self, key: Hashable, now: float) -> bool:
        """Whether the key is not blocked at `now` (seconds)."""
        since, until = self._blocked.get(key, (now, now))
        return not since <= now < until

    def start(self, key: Hashable, now: float, seconds: float) -> None:
        """Block the key for `seconds`."""
        if len(self._blocked) >= _SWEEP_AFTER:
            self._blocked = {k: (since, until) for k, (since, until) in self._blocked.items() if since <= now < until}
        self._blocked[key] = now, now + seconds

    def release(self, key: Hashable) -> None:
        """Unblock the key, because the action it was blocked for did not happen."""
        self._blocked.pop(key, None)

    def take(self, key: Hashable, now: float, seconds: float) -> bool:
        """If the key is free, block it and return True; otherwise return False."""
        if not self.ready(key, now):
            return False
        self.start(key, now, seconds)
        return True
