"""Faults that a test sets while everything is running, and the rate limits that are always on."""

from __future__ import annotations

import fnmatch
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Fault:
    """A fault for requests whose 'METHOD /route/{template}' or 'METHOD /path' matches `route` (a shell pattern)."""

    route: str = "*"
    times: float = float("inf")  # number of requests that it affects
    status: int | None = None  # answer this instead (after the delay)
    page: str | None = None  # answer with this text, like a proxy between us and Discord
    page_type: str = "text/html"
    code: int = 0  # Discord's JSON error code; 0 with a 5xx answers as a proxy does (no JSON)
    retry_after: float | None = None  # answer 429
    scope: str = "user"  # of the 429: user | shared | global
    delay: float = 0.0
    reset: bool = False  # RST the TCP connection
    after_work: bool = False  # do the work first, then fail: the answer is lost, not the request
    hits: list[float] = field(default_factory=list)

    def fits(self, *keys: str) -> bool:
        pattern = self.route.replace("[", "[[]")
        return len(self.hits) < self.times and any(fnmatch.fnmatchcase(key, pattern) for key in keys)


class Faults:
    def __init__(self) -> None:
        self.active: list[Fault] = []

    def add(self, route: str = "*", **kw: Any) -> Fault:
        self.active.append(fault := Fault(route, **kw))
        return fault

    def rate_limit(self, route: str = "*", retry_after: float = 1.0, times: float = 1, scope: str = "user") -> Fault:
        return self.add(route, retry_after=retry_after, times=times, scope=scope)

    def error(
        self, route: str = "*", status: int = 502, times: float = 1, code: int = 0, after_work: bool = False
    ) -> Fault:
        return self.add(route, status=status, times=times, code=code, after_work=after_work)

    def page(
        self, route: str = "*", status: int = 200, text: str = "", kind: str = "text/html", **kw: Any
    ) -> Fault:
        return self.add(route, status=status, page=text, page_type=kind, **{"times": 1, **kw})

    def slow(self, route: str = "*", delay: float = 2.0, times: float = float("inf")) -> Fault:
        return self.add(route, delay=delay, times=times)

    def reset(self, route: str = "*", times: float = 1, after_work: bool = False) -> Fault:
        return self.add(route, reset=True, times=times, after_work=after_work)

    def remove(self, fault: Fault) -> None:
        self.active.remove(fault)

    def clear(self) -> None:
        self.active.clear()

    def strike(self, *keys: str) -> Fault | None:
        for fault in self.active:
            if fault.fits(*keys):
                fault.hits.append(time.monotonic())
                return fault
        return None


# (method, template) -> (limit, window seconds). Discord does not publish these; they are what bot authors commonly see
# in the X-RateLimit headers; a channel's name and topic may each be changed twice in ten minutes.
BUCKETS: dict[tuple[str, str], tuple[int, float]] = {
    ("POST", "/channels/{channel_id}/messages"): (5, 5.0),
    ("PATCH", "/channels/{channel_id}/messages/{message_id}"): (5, 5.0),
    ("DELETE", "/channels/{channel_id}/messages/{message_id}"): (5, 1.0),
    ("PUT", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me"): (1, 0.25),
    ("PATCH", "/channels/{channel_id}"): (5, 15.0),
    ("POST", "/channels/{channel_id}/typing"): (5, 5.0),
    ("POST", "/webhooks/{webhook_id}/{webhook_token}"): (5, 2.0),
    ("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/@original"): (5, 2.0),
    ("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"): (5, 2.0),
}
CHANNEL_NAME_LIMIT = (2, 600.0)


class Buckets:
    def __init__(self) -> None:
        self.enabled, self.global_limit = True, 50
        self._hits: dict[Any, list[float]] = {}
        self.limits = dict(BUCKETS)

    def take(self, key: Any, limit: int, window: float) -> tuple[int, float]:
        """-> (remaining, reset after); remaining -1 means refused."""
        now = time.monotonic()
        start_count = self._hits.get(key)
        if start_count is None or now >= start_count[0] + window:
            start_count = self._hits[key] = [now, 0]
            if len(self._hits) > 50_000:
                self._hits = {k: v for k, v in self._hits.items() if now < v[0] + 600}
        start_count[1] += 1
        return (limit - int(start_count[1]) if start_count[1] <= limit else -1), start_count[0] + window - now
