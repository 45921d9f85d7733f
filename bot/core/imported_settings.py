"""Settings exported in one server and imported in another: what the other server does not have is left out."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from bot.core.errors import InvalidValueError


class ServerParts(Protocol):
    """The channels and roles of a server."""

    def has_channel(self, channel_id: int) -> bool:
        """Whether it has this channel; threads are not meant."""
        ...

    def has_place(self, channel_id: int) -> bool:
        """Whether it has this channel or thread."""
        ...

    def has_writable_place(self, channel_id: int) -> bool:
        """Whether it has this channel or thread, of a kind that messages are written in."""
        ...

    def has_role(self, role_id: int) -> bool:
        """Whether it has this role."""
        ...

    def is_everybody(self, role_id: int) -> bool:
        """Whether this is the role @everyone."""
        ...


def fit(document: Mapping[str, Any], parts: ServerParts, automod: int | None) -> dict[str, Any]:
    """The document as it fits a server, which keeps its own AutoMod rule. Other faults are left for the reader.

    Raises InvalidValueError if it would call @everyone.
    """
    if _is(document.get("outage_role"), parts.is_everybody):
        raise InvalidValueError("outage_role", "a role of this server that members chose to have")
    fitted = dict(document)
    for name, known in (
        ("channels", parts.has_place),
        ("denied_channels", parts.has_place),
        ("roles", parts.has_role),
        ("denied_roles", parts.has_role),
        ("ignored_roles", parts.has_role),
        ("helpers", parts.has_role),
    ):
        if isinstance(given := fitted.get(name), list):
            fitted[name] = [one for one in given if _is(one, known)]  # pyright: ignore[reportUnknownVariableType] - JSON
    if _is_foreign(fitted.get("dry_run"), parts.has_writable_place):
        # The moderators wanted no public answers there. Without the channel, none may start here.
        fitted["dry_run"] = None
        fitted["channels"] = []
    for name, known in (
        ("outage_channel", parts.has_channel),
        ("distress_channel", parts.has_channel),
        ("outage_role", parts.has_role),
    ):
        if _is_foreign(fitted.get(name), known):
            fitted[name] = None
    fitted["automod"] = None if automod is None else str(automod)
    return fitted


def _is(given: Any, known: Callable[[int], bool]) -> bool:
    return isinstance(given, str) and given.isdecimal() and known(int(given))


def _is_foreign(given: Any, known: Callable[[int], bool]) -> bool:
    return isinstance(given, str) and given.isdecimal() and not known(int(given))
