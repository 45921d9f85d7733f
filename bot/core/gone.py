"""Channels and roles that the settings name but that no longer exist in the server."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from bot.core.guild_settings import FIELDS, GuildSettings
from bot.core.setting_kinds import Channel, Channels, Role, Roles

CHANNEL_FIELDS = tuple(field.name for field in FIELDS if isinstance(field.kind, Channel | Channels))
ROLE_FIELDS = tuple(field.name for field in FIELDS if isinstance(field.kind, Role | Roles))
"""Not `ignored`: older versions stored roles there, and a deleted role cannot be told from a person."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The ids of deleted channels and roles."""

    channels: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()

    def named_in(self, settings: GuildSettings, field: str) -> frozenset[int]:
        """The deleted ones that this setting names."""
        return ids_in(settings, field) & (self.channels if field in CHANNEL_FIELDS else self.roles)


def ids_in(settings: GuildSettings, field: str) -> frozenset[int]:
    """The channels or roles that one setting names."""
    value: frozenset[int] | int | None = getattr(settings, field)
    if isinstance(value, frozenset):
        return value
    return frozenset() if value is None else frozenset({value})


def named(settings: GuildSettings, fields: Collection[str]) -> frozenset[int]:
    """The channels or roles that these settings name."""
    return frozenset[int]().union(*(ids_in(settings, field) for field in fields))


def without(settings: GuildSettings, gone: Gone) -> dict[str, Any]:
    """The settings to change, as JSON, so that none of them names a deleted channel or role."""
    changed = dict[str, Any]()
    for field in (*CHANNEL_FIELDS, *ROLE_FIELDS):
        if not (dropped := gone.named_in(settings, field)):
            continue
        kept = ids_in(settings, field) - dropped
        several = isinstance(getattr(settings, field), frozenset)
        changed[field] = [str(number) for number in sorted(kept)] if several else None
    return changed


def answers_nobody(settings: GuildSettings, gone: Gone) -> bool:
    """Whether only people with certain roles are answered, and all of these roles are gone."""
    return bool(settings.roles) and settings.roles <= gone.roles
