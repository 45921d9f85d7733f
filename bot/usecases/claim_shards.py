"""Which shards are ours: leased, so that no two processes answer the same servers.

A process that is told to end while another waits for its shards hands them over: it goes on until the next one is
connected, then leaves, and the next one goes on. What the two say to each other are leases, too.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection

import structlog

from bot.core.errors import StoreError
from bot.core.shards import Shards, Wanted
from bot.usecases.cluster import LeaseLostError, Leases

VALID_FOR, RENEW_EVERY = 15.0, 4.0
"""Seconds: the shards of a process that was killed are free that long after its last renewal."""

WAIT_FOR = 60.0
"""Seconds that we wait for named shards: for the lease of one that was killed, or for one that is about to end."""

HAND_OVER_WITHIN = 20.0
"""Seconds that a process which is told to end goes on for, until the next one is connected."""

_AGAIN, _SOON = 1.0, 0.1
_PREFIX = "shard "
_EVERY = f"{_PREFIX}every"
_NEXT, _LEAVING, _READY = "next ", "leaving ", "ready "
_log = structlog.get_logger(__name__)


class ClaimShards:
    """Takes the shards that the settings ask for, keeps them, and hands them over."""

    def __init__(self, leases: Leases, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._leases = leases
        self._sleep = sleep
        self._names: list[str] = []
        self.waiting = False
        """Whether the shards are still those of a process that is about to leave them to us."""

    async def claim(self, wanted: Wanted) -> Shards:
        """Take them, or be the next to have them; one that may take any range waits, as a spare, until there is one.

        Raises StoreError when named shards stay another process's, or others count them differently.
        """
        waited, next_ones = 0.0, set[str]()
        while True:
            for shards in wanted.choices():
                names = _names(shards)
                if await self._unlike(names):
                    continue
                if await self._leases.take(names, VALID_FOR) is not None:
                    return await self._take(shards, names, next_ones)
                ahead = _marked(_NEXT, names)
                if await self._leases.take(ahead, VALID_FOR) is not None:
                    next_ones.update(ahead)
                    if await self._others_have(_LEAVING, names):
                        self.waiting = True
                        return await self._take(shards, names, next_ones)
            if wanted.size is None and waited >= WAIT_FOR:
                await self._leases.let_go(next_ones)
                raise StoreError(
                    f"another process of this bot runs {wanted.shards}, or some of them, on this database; stop it "
                    "first, or give each process its own SHARD_IDS and all the same SHARD_COUNT"
                )
            if not waited:
                _log.warning("the shards are another process's; waiting until they are free", wanted=str(wanted.shards))
            await self._sleep(_AGAIN)
            waited += _AGAIN

    async def renew(self) -> None:
        """Keep them; a job for every few seconds. Raises LeaseLostError when another process has them by now."""
        names = _marked(_NEXT, self._names) if self.waiting else self._names
        if await self._leases.take(names, VALID_FOR) is None:
            raise LeaseLostError("another process has taken our shards: this one was silent for too long")

    async def arrive(self) -> None:
        """We are connected: have the process before us leave, and take its place. Raises StoreError."""
        while self.waiting:
            await self._leases.take(_marked(_READY, self._names), VALID_FOR)
            if await self._leases.take(self._names, VALID_FOR) is not None:
                self.waiting = False
                await self._leases.let_go([*_marked(_NEXT, self._names), *_marked(_READY, self._names)])
            else:
                await self._sleep(_SOON)

    async def wait_for_next(self) -> bool:
        """If another process waits for our shards, go on until it is connected. Raises StoreError.

        Says whether it is; then it waits only for us to `let_go`.
        """
        if self.waiting or not await self._others_have(_NEXT, self._names):
            return False
        _log.info("handing our shards over", shards=self._names)
        waited = 0.0
        while waited < HAND_OVER_WITHIN and await self._others_have(_NEXT, self._names):
            await self._leases.take(_marked(_LEAVING, self._names), VALID_FOR)
            if await self._others_have(_READY, self._names):
                return True
            await self._sleep(_SOON)
            waited += _SOON
        return False

    async def let_go(self) -> None:
        """Leave them to others at once. Raises StoreError."""
        mine = (*_marked(_NEXT, self._names), *_marked(_LEAVING, self._names), *_marked(_READY, self._names))
        await self._leases.let_go([*self._names, *mine])

    async def _take(self, shards: Shards, names: list[str], next_ones: Collection[str]) -> Shards:
        self._names = names
        keep = _marked(_NEXT, names) if self.waiting else []
        await self._leases.let_go([one for one in next_ones if one not in keep])
        return shards

    async def _others_have(self, mark: str, names: list[str]) -> bool:
        return set(_marked(mark, names)) <= set(await self._leases.others(mark))

    async def _unlike(self, names: list[str]) -> bool:
        """Whether others have shards of another count, or all where we want some: they divide the servers unlike us."""
        kind = _kind(names[0])
        return any(_kind(other) != kind for other in await self._leases.others(_PREFIX))


def _names(shards: Shards) -> list[str]:
    if shards.count is None:
        return [_EVERY]
    return [f"{_PREFIX}{number}/{shards.count}" for number in shards.ids]


def _kind(name: str) -> str:
    return name.partition("/")[2] or name


def _marked(mark: str, names: Collection[str]) -> list[str]:
    return [f"{mark}{name}" for name in names]
