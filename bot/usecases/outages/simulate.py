"""*Simulate an outage*: for moderators who want to see what their server would be told."""

import asyncio
import random

from bot.usecases.outages.simulation import Simulation
from bot.usecases.outages.watch import WatchServices
from bot.usecases.ports import Clock
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.services import Services


class SimulateOutage:
    """Begins a simulation; the watch plays it, minute by minute, every few seconds."""

    def __init__(
        self, services: Services, guilds: GuildCache, watch: WatchServices, clock: Clock, rng: random.Random
    ) -> None:
        self._services = services
        self._guilds = guilds
        self._watch = watch
        self._clock = clock
        self._rng = rng

    async def begin(self, guild_id: int, channel_id: int) -> bool:
        """Play an outage of the server's service to one channel; False if one is being played there."""
        service = self._services.find(None, self._guilds.get(guild_id).service)
        rng = random.Random(self._rng.random())  # noqa: S311 - invented reports
        # The detector learns three invented days first: too long for the event loop.
        played = await asyncio.to_thread(Simulation, service.id, guild_id, channel_id, self._clock(), rng)
        return self._watch.begin_simulation(played)
