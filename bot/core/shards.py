"""Shards: the part of Discord's servers whose events this process receives (docs.discord.com, "Sharding").

A server belongs to shard `(id >> 22) % count`; direct messages arrive on shard 0.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.errors import InvalidValueError

MOST_SHARDS = 16_000
_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
_FREE_RANGE = re.compile(r"claim:(\d{1,5})")
_EXPECTED = "shards such as 0-3 or 0,1,5 or, to take any that are free, claim:2"


@dataclass(frozen=True, slots=True)
class Shards:
    """Some of `count` shards, ascending. With `count` None: all shards, as many as Discord recommends."""

    ids: tuple[int, ...] = ()
    count: int | None = None

    @property
    def everything(self) -> bool:
        """Whether this process has all of them."""
        return self.count is None or len(self.ids) == self.count

    def of(self, guild_id: int) -> int:
        """The shard of a server, or of direct messages for 0. Returns 0 if the count is unknown."""
        return 0 if self.count is None else (guild_id >> 22) % self.count

    def owns(self, guild_id: int) -> bool:
        """Whether events of a server, or of direct messages for 0, reach this process."""
        return self.count is None or self.of(guild_id) in self.ids

    def __str__(self) -> str:
        if self.count is None:
            return "all shards"
        return f"shards {', '.join(map(str, self.ids))} of {self.count}"


@dataclass(frozen=True, slots=True)
class WantedShards:
    """The shards that the settings ask for: these shards, or any free range of `size` of them."""

    shards: Shards = Shards()
    size: int | None = None

    def __str__(self) -> str:
        return str(self.shards) if self.size is None else f"any {self.size} of {self.shards.count} shards"

    def choices(self) -> Sequence[Shards]:
        """The possible ranges; the first free one is used."""
        if self.size is None or self.shards.count is None:
            return [self.shards]
        count = self.shards.count
        starts = range(0, count, self.size)
        return [Shards(tuple(range(start, min(start + self.size, count))), count) for start in starts]


def read_shard_settings(count: int | None, ids: str | None) -> WantedShards:
    """Read the settings SHARD_COUNT and SHARD_IDS. Raises InvalidValueError, naming the setting."""
    if ids is None:
        return WantedShards(Shards(tuple(range(count or 0)), count))
    if count is None:
        raise InvalidValueError("SHARD_IDS", "set together with SHARD_COUNT, how many shards all processes have")
    text = ids.replace(" ", "")
    if claim := _FREE_RANGE.fullmatch(text):
        size = int(claim[1])
        if not 1 <= size <= count:
            raise InvalidValueError("SHARD_IDS", f"claim: with a number from 1 to {count}")
        return WantedShards(Shards((), count), size)
    numbers = set[int]()
    for part in text.split(","):
        span = _RANGE.fullmatch(part)
        if span is None:
            raise InvalidValueError("SHARD_IDS", _EXPECTED)
        first, last = int(span[1]), int(span[2] or span[1])
        if first > last:
            raise InvalidValueError("SHARD_IDS", f"ranges from the lower to the higher, such as {last}-{first}")
        if last >= count:
            raise InvalidValueError("SHARD_IDS", f"shards from 0 to {count - 1}, as SHARD_COUNT is {count}")
        numbers.update(range(first, last + 1))
    return WantedShards(Shards(tuple(sorted(numbers)), count))
