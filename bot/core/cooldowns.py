"""Cooldowns: something may happen once per key and stretch of time."""

from collections.abc import Hashable

_SWEEP_AFTER = 10_000


class Cooldowns:
    """Keys, and from when until when each is closed; old keys are swept, so memory stays bounded.

    A clock that was set back opens all: a key closed in what is now the future would stay so until then.
    """

    def __init__(self) -> None:
        self._closed: dict[Hashable, tuple[float, float]] = {}

    def ready(self, key: Hashable, now: float) -> bool:
        """Whether the key is free at `now` (seconds)."""
        since, until = self._closed.get(key, (now, now))
        return not since <= now < until

    def start(self, key: Hashable, now: float, seconds: float) -> None:
        """Close the key for `seconds`."""
        if len(self._closed) >= _SWEEP_AFTER:
            self._closed = {k: (since, until) for k, (since, until) in self._closed.items() if since <= now < until}
        self._closed[key] = now, now + seconds

    def take(self, key: Hashable, now: float, seconds: float) -> bool:
        """Close the key and say True, if it was free."""
        if not self.ready(key, now):
            return False
        self.start(key, now, seconds)
        return True
