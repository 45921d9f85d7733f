"""*Simulate an outage*: for moderators who want to see how their server would announce one."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.core.outage_life import OPEN, Outage, ended
from bot.core.simulation import Simulation, moments
from bot.core.watch import written
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.ports import WatchStep
from bot.usecases.outages.write_watch_steps import WriteWatchSteps
from bot.usecases.ports import Clock
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.services import Services

_SAME_LOOK = 60.0
"""Seconds."""


class SimulateOutage:
    """Plays simulations in the servers that this process `owns`, an invented minute every few seconds."""

    def __init__(
        self,
        services: Services,
        guilds: GuildCache,
        outages: OutageCache,
        steps: WriteWatchSteps,
        clock: Clock,
        rng: random.Random,
        *,
        owns: Callable[[int], bool],
        wake: Callable[[], None],
        prepare: Callable[..., Simulation] = Simulation.prepare,
    ) -> None:
        self._services = services
        self._guilds = guilds
        self._outages = outages
        self._steps = steps
        self._clock = clock
        self._rng = rng
        self._owns = owns
        self._wake = wake
        self._prepare = prepare
        self._running: dict[int, Simulation] = {}
        self._prepared: set[int] = set()
        self._looks: dict[int, tuple[float, Sequence[Outage]]] = {}
        """Server -> time of its last preview, and the preview."""
        self._one_at_a_time = asyncio.Lock()

    async def begin(self, guild_id: int, channel_id: int) -> bool:
        """Simulate an outage of the server's service in one channel; False if the server already has a simulation."""
        if guild_id in self._running or guild_id in self._prepared:
            return False
        self._prepared.add(guild_id)
        try:
            # The detector first learns three invented days. That takes too long for the event loop, and threads slow it
            # down.
            async with self._one_at_a_time:
                return self.play(await asyncio.to_thread(self._build, guild_id, channel_id))
        finally:
            self._prepared.discard(guild_id)

    async def look(self, guild_id: int) -> Sequence[Outage]:
        """A preview of an invented outage at its beginning, its peak and its end. Nothing is written.

        Within a minute the same one is returned, because inventing it takes a thread 50 ms.
        """
        async with self._one_at_a_time:
            now = self._clock()
            self._looks = {guild: look for guild, look in self._looks.items() if 0 <= now - look[0] < _SAME_LOOK}
            if guild_id not in self._looks:
                built = await asyncio.to_thread(lambda: moments(self._build(guild_id, 0)))
                self._looks[guild_id] = now, built
            return self._looks[guild_id][1]

    def _build(self, guild_id: int, channel_id: int) -> Simulation:
        service = self._services.find(None, self._guilds.get(guild_id).service)
        rng = random.Random(self._rng.random())  # noqa: S311 - invented reports
        return self._prepare(service.id, guild_id, channel_id, self._clock(), rng)

    def play(self, simulation: Simulation) -> bool:
        """Play a simulation; False if its server already has one."""
        return self._running.setdefault(simulation.guild_id, simulation) is simulation

    async def end_unplayed(self) -> None:
        """End the simulations in our servers that no process plays any more. Raises StoreError."""
        for outage in self._outages.open():
            if outage.simulated and self._owns(outage.guild_id) and outage.guild_id not in self._running:
                step = WatchStep(outage.service, outage=ended(outage), call=outage.service in self._services)
                await self._steps.write(step)

    async def tick(self) -> None:
        """Play the next minute of each. Raises StoreError if one could not be written; it is played again."""
        # A process that took over a server has ended its simulation.
        self._running = {
            guild_id: one
            for guild_id, one in self._running.items()
            if self._owns(guild_id) and one.state.service in self._services
        }
        failed = list[Exception]()
        for simulation in list(self._running.values()):
            try:
                await self._play(simulation)
            except Exception as error:
                failed.append(error)
        self._wake()
        if failed:
            raise failed[0]

    async def _play(self, simulation: Simulation) -> None:
        state, guild_id = simulation.next(), simulation.guild_id
        played = simulation.played(state, self._clock())
        outage = played.shown()
        if outage is not None:
            settings = replace(self._guilds.get(guild_id), outage_channel=simulation.channel_id, outage_role=None)
            step = WatchStep(state.service, outage=outage, call=state.call)
            stored = await self._steps.write(step, {guild_id: settings})
            invented = state.outage and replace(state.outage, id=stored.id if stored else 0)
            played = replace(played, state=written(state, invented))
        self._running[guild_id] = played
        if outage is not None and outage.phase not in OPEN:
            del self._running[guild_id]
