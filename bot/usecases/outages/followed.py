"""The services that are followed now.

Only their sources are polled and only they are watched, so others cost nothing.
"""

from collections.abc import Iterator

from bot.core.board import Board
from bot.core.service import Service
from bot.usecases.outages.cache import OutageCache
from bot.usecases.ports import Clock
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.services import Services


class Followed:
    """The default service, those that servers chose, those reported within a day, and those with an open outage."""

    def __init__(
        self, services: Services, guilds: GuildCache, board: Board, outages: OutageCache, clock: Clock
    ) -> None:
        self._services = services
        self._guilds = guilds
        self._board = board
        self._outages = outages
        self._clock = clock

    def __iter__(self) -> Iterator[Service]:
        chosen, default = self._guilds.chosen_services(), self._services.default
        now, open_ = self._clock(), {outage.service for outage in self._outages.open()}
        for one in self._services.known:
            if one.id == default.id or one.id in chosen or one.id in open_ or self._board.is_reported(one.id, now):
                yield self._services.get(one.id)
