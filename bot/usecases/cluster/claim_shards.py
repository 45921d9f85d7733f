"""Claim our shards. Leases prevent two processes from answering the same servers.

A process that is stopped while another waits for its shards hands them over: it keeps running until the next process is
connected to a shard, then leaves that shard to it. The two also communicate through leases.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection

from bot.core.errors import StoreError
from bot.core.shards import Shards, WantedShards
from bot.usecases.cluster.ports import Leases
from bot.usecases.leadership import LeaseLostError
from bot.usecases.ports import Sleep

VALID_FOR, RENEW_EVERY = 15.0, 4.0
"""Seconds. The shards of a killed process are free `VALID_FOR` after its last renewal."""

WAIT_FOR = 60.0
"""Seconds to wait for named shards: a killed process's lease must expire, or a running process must stop."""

HAND_OVER_WITHIN = 20.0
"""Seconds that a stopping process waits for the next one to connect to another of its shards."""

_RETRY_AFTER, _POLL_EVERY = 1.0, 0.1
_PREFIX = "shard "
_EVERY = f"{_PREFIX}every"
_NEXT, _LEAVING, _READY = "next ", "leaving ", "ready "
_TAKEN = (
    "another process of this bot runs {shards}, or some of them, on this database; stop it first, or give each process "
    "its own SHARD_IDS"
)
_OTHER_COUNT = "other processes on this database run with another SHARD_COUNT, or with none; it must be the same in all"
_logger = logging.getLogger(__name__)


class ClaimShards:
    """Claims the shards in the settings, keeps them, and hands them over one by one.

    `sleep_before` is used to wait for the shards. It may raise an error when the process is being stopped.
    """

    def __init__(self, leases: Leases, sleep_before: Sleep = asyncio.sleep, sleep: Sleep = asyncio.sleep) -> None:
        self._leases = leases
        self._sleep_before = sleep_before
        self._sleep = sleep
        self._ours: list[str] = []
        self._coming: list[str] = []

    @property
    def coming(self) -> frozenset[int]:
        """The shards that another process still holds, but is about to hand over to us."""
        return frozenset(map(_shard, self._coming))

    async def claim(self, wanted: WantedShards) -> Shards:
        """Take the shards, or reserve them as the next process. A process that may take any range waits for a free one.

        Raises StoreError if another process keeps the named shards, or if others keep using another SHARD_COUNT.
        """
        waited, next_ones = 0.0, set[str]()
        while True:
            conflict = False
            for shards in wanted.choices():
                names = _names(shards)
                if conflict := await self._conflicts(names):
                    break
                if await self._leases.take(names, VALID_FOR) is not None:
                    self._ours = names
                    await self._leases.release(next_ones)
                    return shards
                ahead = _marked(_NEXT, names)
                if await self._leases.take(ahead, VALID_FOR) is not None:
                    next_ones.update(ahead)
                    if set(_marked(_LEAVING, names)) <= set(await self._leases.others(_LEAVING)):
                        self._coming = names
                        await self._leases.release(next_ones - set(ahead))
                        return shards
            if waited >= WAIT_FOR and (conflict or wanted.size is None):
                await self._leases.release(next_ones)
                raise StoreError(_OTHER_COUNT if conflict else _TAKEN.format(shards=wanted.shards))
            if not waited:
                why = _OTHER_COUNT if conflict else "the shards are another process's; waiting until they are free"
                _logger.warning(why, extra={"wanted": str(wanted)})
            await self._sleep_before(_RETRY_AFTER)
            waited += _RETRY_AFTER

    async def renew(self) -> None:
        """Renew the leases; call this every few seconds. Raises LeaseLostError if another process has taken them."""
        names = [*self._ours, *_marked(_NEXT, self._coming)]
        if names and await self._leases.take(names, VALID_FOR) is None:
            raise LeaseLostError("another process has taken our shards: this one was silent for too long")

    async def arrive(self, connected: Callable[[int], bool], begin: Callable[[int], Awaitable[None]]) -> None:
        """Take over each shard from the process before us once we are `connected` to it, and `begin` there.

        Raises StoreError, and LeaseLostError if a third process has it.
        """
        kept_waiting = 0.0
        while self._coming:
            for name in [one for one in self._coming if connected(_shard(one))]:
                await self._leases.take([_READY + name], VALID_FOR)
                if await self._leases.take([name], VALID_FOR) is not None:
                    await begin(_shard(name))
                    self._coming = [one for one in self._coming if one != name]
                    self._ours = [*self._ours, name]
                    await self._leases.release([_NEXT + name, _READY + name])
                    kept_waiting = 0.0
            leaving = set(await self._leases.others(_LEAVING))
            kept_waiting = 0.0 if leaving.intersection(_marked(_LEAVING, self._coming)) else kept_waiting + _POLL_EVERY
            if kept_waiting > 2 * VALID_FOR:
                raise LeaseLostError("another process has taken the shards that we were to take over")
            await self._sleep(_POLL_EVERY)

    async def hand_over(self, leave: Callable[[int], Awaitable[None]]) -> None:
        """If another process waits for our shards, `leave` each once it is connected there. Raises StoreError."""
        waited = 0.0
        while self._ours and waited < HAND_OVER_WITHIN:
            waiting = set(await self._leases.others(_NEXT))
            if not set(_marked(_NEXT, self._ours)) <= waiting:
                return
            if not waited:
                _logger.info("handing over the shards", extra={"shards": self._ours})
            await self._leases.take(_marked(_LEAVING, self._ours), VALID_FOR)
            ready = set(await self._leases.others(_READY))
            for name in [one for one in self._ours if _READY + one in ready]:
                self._ours = [one for one in self._ours if one != name]
                await leave(_shard(name))
                await self._leases.release([name, _LEAVING + name])
                waited = 0.0
            await self._sleep(_POLL_EVERY)
            waited += _POLL_EVERY

    async def release(self) -> None:
        """Release the shards at once. Raises StoreError."""
        names = [*self._ours, *_marked(_LEAVING, self._ours), *_marked(_NEXT, self._coming)]
        await self._leases.release([*names, *_marked(_READY, self._coming)])

    async def _conflicts(self, names: list[str]) -> bool:
        """Whether other processes divide the servers differently: with another shard count, or all in one process."""
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


def _shard(name: str) -> int:
    """The number of a shard; 0 if one process has all shards."""
    number = name.removeprefix(_PREFIX).partition("/")[0]
    return int(number) if number.isdecimal() else 0
