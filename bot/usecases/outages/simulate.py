"""*Simulate an outage*: for moderators who want to see what their server would be told."""

import asyncio
import random

from bot.usecases.outages.simulation import Rehearsal
from bot.usecases.outages.watch import WatchServices
from bot.usecases.ports import Clock
from bot.usecases.servers.configure_guild import GuildBook
from bot.usecases.services import Services


class SimulateOutage:
    """Begins a simulation; the watch plays it, minute by minute, every few seconds."""

    def __init__(
        self, services: Services, guilds: GuildBook, watch: WatchServices, clock: Clock, chance: random.Random
    ) -> None:
        self._services = services
        self._guilds = guilds
        self._watch = watch
        self._clock = clock
        self._chance = chance

    async def begin(self, guild_id: int, channel_id: int) -> bool:
        """Play an outage of the server's service to one channel; False if one is being played there."""
        service = self._services.find(None, self._guilds.get(guild_id).service)
        chance = random.Random(self._chance.random())  # noqa: S311 - invented reports
        # The detector learns three invented days first: too long for the event loop.
        played = await asyncio.to_thread(Rehearsal, service.id, guild_id, channel_id, self._clock(), chance)
        return self._watch.begin_simulation(played)
