"""`/setup`: moderators' settings for their server, with a log of who changed what."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from bot.core.errors import WrongInputError
from bot.core.guild_settings import (
    BY_NAME,
    FIELDS,
    Change,
    ChangeEntry,
    GuildSettings,
    changes,
    from_document,
    to_document,
    with_values,
)
from bot.core.imported_settings import ServerParts, fit
from bot.core.texts import N_, Languages
from bot.usecases.ports import Clock
from bot.usecases.servers.check_phrases import CheckPhrases
from bot.usecases.servers.ports import SettingsStore
from bot.usecases.services import Services

LOG_LENGTH = 10


class GuildCache:
    """The settings of all servers, in memory; servers without stored settings have the defaults."""

    def __init__(self, store: SettingsStore) -> None:
        self._store = store
        self._settings: dict[int, GuildSettings] = {}
        self._away: set[int] = set()
        self._chosen: frozenset[str] | None = None
        self._defaults = GuildSettings()

    async def load(self) -> None:
        """Read all settings at start."""
        self._settings = dict(await self._store.all())
        self._chosen = None

    def get(self, guild_id: int | None) -> GuildSettings:
        """The settings of a server; the defaults outside of servers."""
        return self._settings.get(guild_id or 0, self._defaults)

    def summed_up(self) -> Mapping[int, GuildSettings]:
        """The servers that have the bot and chose a channel for the weekly card."""
        return {
            guild: settings
            for guild, settings in self._settings.items()
            if settings.weekly_channel is not None and guild not in self._away
        }

    def announced_to(self) -> Mapping[int, GuildSettings]:
        """The servers that have the bot and chose a channel for outages."""
        return {
            guild: settings
            for guild, settings in self._settings.items()
            if settings.outage_channel is not None and guild not in self._away
        }

    def chosen_services(self) -> frozenset[str]:
        """The ids of all services that the servers with the bot follow."""
        if self._chosen is None:
            there = [settings for guild, settings in self._settings.items() if guild not in self._away]
            own = {settings.service for settings in there if settings.service is not None}
            self._chosen = frozenset(own.union(*{settings.more_services for settings in there}))
        return self._chosen

    def ignoring(self, listed: Callable[[int], frozenset[int]]) -> list[int]:
        """The servers whose moderators ignore a person.

        `listed` returns the person's possible hashes in a server's list.
        """
        return sorted(
            guild
            for guild, settings in self._settings.items()
            if settings.ignored and not settings.ignored.isdisjoint(listed(guild))
        )

    def left(self, guild_ids: Iterable[int]) -> None:
        """Stop using the settings of these servers, which the bot has left."""
        self._away.update(guild_ids)
        self._chosen = None

    def returned(self, guild_ids: Iterable[int]) -> None:
        """Use the settings of these servers again, which have the bot again."""
        self._away.difference_update(guild_ids)
        self._chosen = None

    def forget(self, guild_id: int) -> None:
        """Remove a server's settings from memory."""
        self._settings.pop(guild_id, None)
        self._away.discard(guild_id)
        self._chosen = None

    def put(self, guild_id: int, settings: GuildSettings) -> None:
        """Apply stored settings to memory."""
        self._settings[guild_id] = settings
        self._chosen = None


class ConfigureGuild:
    """Changes settings: checks them, stores them with the change log, then applies them."""

    def __init__(
        self,
        store: SettingsStore,
        cache: GuildCache,
        services: Services,
        languages: Languages,
        phrases: CheckPhrases,
        clock: Clock,
    ) -> None:
        self._store = store
        self._cache = cache
        self._services = services
        self._languages = languages
        self._phrases = phrases
        self._clock = clock
        self._lock = asyncio.Lock()

    async def change(self, guild_id: int, moderator_id: int, values: Mapping[str, Any]) -> GuildSettings:
        """Set some values (as JSON). If it raises WrongInputError or StoreError, nothing was changed."""
        with_values(GuildSettings(), values)
        await self._phrases.speed(values.get("phrases"))
        async with self._lock:  # two moderators may do this at the same time, and no change may be lost
            return await self._keep(guild_id, moderator_id, with_values(self._cache.get(guild_id), values))

    async def take_over(
        self, guild_id: int, moderator_id: int, document: Any, parts: ServerParts | None = None
    ) -> GuildSettings:
        """Replace all settings with an exported document, except channels and roles that are not in `parts`.

        Raises WrongInputError or StoreError.
        """
        if isinstance(document, dict):
            await self._phrases.speed(cast("dict[str, Any]", document).get("phrases"))
        async with self._lock:
            return await self._keep(guild_id, moderator_id, from_document(self._fitted(guild_id, document, parts)))

    async def compare(
        self, guild_id: int, document: Any, parts: ServerParts | None = None
    ) -> tuple[Sequence[Change], Sequence[str]]:
        """The changes that an exported document would make, and the settings with something not in `parts`.

        Raises WrongInputError.
        """
        if isinstance(document, dict):
            await self._phrases.speed(cast("dict[str, Any]", document).get("phrases"))
        fitted = self._fitted(guild_id, document, parts)
        after = from_document(fitted)
        self._check_names(self._cache.get(guild_id), after)
        names = [field.name for field in FIELDS if field.can_undo]
        left_out = [name for name in names if name in fitted and document[name] != fitted[name]]
        return changes(self._cache.get(guild_id), after), left_out

    async def undo(self, guild_id: int, moderator_id: int, name: str, at: int) -> GuildSettings:
        """Restore the value that a setting had before its change `at` that time, as a new change.

        Raises WrongInputError if the setting was changed since, or StoreError.
        """
        newest = next((entry for entry in await self.log(guild_id) if entry.change.field == name), None)
        if newest is None or newest.at != at or not self.can_undo(guild_id, newest.change):
            raise WrongInputError("settings", N_("That has been changed since, so I left it as it is."))
        return await self.change(guild_id, moderator_id, {name: newest.change.before})

    def can_undo(self, guild_id: int, change: Change) -> bool:
        """Whether a setting is unchanged since this change, and its previous value is known."""
        field = BY_NAME.get(change.field)
        settings = self._cache.get(guild_id)
        return field is not None and field.can_undo and field.written(settings) == change.after

    def _fitted(self, guild_id: int, document: Any, parts: ServerParts | None) -> Any:
        if parts is None or not isinstance(document, dict):
            return document
        return fit(cast("dict[str, Any]", document), parts, self._cache.get(guild_id).automod)

    def export(self, guild_id: int) -> dict[str, Any]:
        """The settings as a JSON document."""
        return to_document(self._cache.get(guild_id))

    async def log(self, guild_id: int) -> Sequence[ChangeEntry]:
        """The newest changes, newest first."""
        return await self._store.log(guild_id, LOG_LENGTH)

    async def _keep(self, guild_id: int, moderator_id: int, after: GuildSettings) -> GuildSettings:
        self._check_names(self._cache.get(guild_id), after)
        made = changes(self._cache.get(guild_id), after)
        if made:
            now = int(self._clock())
            await self._services.hold({*after.more_services, *filter(None, [after.service])})
            await self._store.save(guild_id, after, moderator_id, now, made)
            self._cache.put(guild_id, after)
        return after

    def _check_names(self, before: GuildSettings, settings: GuildSettings) -> None:
        """Refuse unknown names.

        A name that was chosen earlier and is no longer watched does not block other changes.
        """
        known = [service.id for service in self._services.known]
        problem = N_("I don't know that service. Choose one of: {known}")
        if settings.service not in {None, before.service, *known}:
            raise WrongInputError("service", problem, known=", ".join(known))
        if not settings.more_services <= {*before.more_services, *known}:
            raise WrongInputError("more_services", problem, known=", ".join(known))
        tags = self._languages.names()
        if settings.language is not None and settings.language not in tags:
            problem = N_("I don't speak that language. Choose one of: {known}")
            raise WrongInputError("language", problem, known=", ".join(tags))
