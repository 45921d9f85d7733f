"""Import of settings from another server: channels and roles that this server does not have are left out."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from bot.core.errors import WrongInputError
from bot.core.guild_settings import FIELDS
from bot.core.setting_kinds import Channel, Channels, Kind, Place, Role, Roles
from bot.core.texts import N_

NOT_EVERYONE = N_("Choose a role that members chose to have, not everybody's.")


class ServerParts(Protocol):
    """The channels and roles of a server."""

    def has_channel(self, channel_id: int) -> bool:
        """Whether it has this channel; threads do not count."""
        ...

    def has_place(self, channel_id: int) -> bool:
        """Whether it has this channel or thread."""
        ...

    def has_writable_place(self, channel_id: int) -> bool:
        """Whether it has this channel or thread, and messages can be written in it."""
        ...

    def has_role(self, role_id: int) -> bool:
        """Whether it has this role."""
        ...

    def is_everybody(self, role_id: int) -> bool:
        """Whether this is the role @everyone."""
        ...


def fit(document: Mapping[str, Any], parts: ServerParts, automod: int | None) -> dict[str, Any]:
    """The document adapted to a server, which keeps its own AutoMod rule. Other faults are left to `from_document`.

    Raises WrongInputError if it would mention @everyone.
    """
    fitted = dict(document)
    for field in FIELDS:
        given, known = document.get(field.name), _known(field.kind, parts)
        if isinstance(field.kind, Role) and _is(given, parts.is_everybody):
            raise WrongInputError(field.name, NOT_EVERYONE)
        if known is not None and isinstance(given, list):
            fitted[field.name] = [one for one in given if _is(one, known)]  # pyright: ignore[reportUnknownVariableType] - JSON
        elif known is not None and _is_foreign(given, known):
            fitted[field.name] = None
    if _is_foreign(document.get("dry_run"), parts.has_writable_place):
        fitted["channels"] = []  # the moderators there wanted no public replies, so the import must not start them here
    fitted["automod"] = None if automod is None else str(automod)
    return fitted


def _known(kind: Kind, parts: ServerParts) -> Callable[[int], bool] | None:
    """The check whether a server has the channel or role of a setting of this kind."""
    match kind:
        case Roles() | Role():
            return parts.has_role
        case Channels():
            return parts.has_place
        case Channel(Place.WRITTEN_IN):
            return parts.has_writable_place
        case Channel():
            return parts.has_channel
        case _:
            return None


def _is(given: Any, known: Callable[[int], bool]) -> bool:
    return isinstance(given, str) and given.isdecimal() and known(int(given))


def _is_foreign(given: Any, known: Callable[[int], bool]) -> bool:
    return isinstance(given, str) and given.isdecimal() and not known(int(given))
