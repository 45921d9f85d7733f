"""Leases as in the database, for several simulated processes in one test."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from bot.core.errors import StoreError


@dataclass
class Database:
    """Leases as in the database. If `away` is set, the database cannot be reached."""

    now: float = 1000.0
    away: bool = False
    rows: dict[str, tuple[str, int, float]] = field(default_factory=dict)


@dataclass
class FakeLeases:
    database: Database
    holder: str

    async def take(self, names: Collection[str], seconds: float) -> int | None:
        self._reached()
        rows, now = self.database.rows, self.database.now
        if any(name in rows and rows[name][0] != self.holder and rows[name][2] >= now for name in names):
            return None
        for name in names:
            before = rows.get(name, (self.holder, 1, 0.0))
            rows[name] = (self.holder, before[1] + (before[0] != self.holder), now + seconds)
        return max(rows[name][1] for name in names)

    async def release(self, names: Collection[str]) -> None:
        self._reached()
        for name in names:
            if self.database.rows.get(name, ("",))[0] == self.holder:
                self.database.rows[name] = (*self.database.rows[name][:2], 0.0)

    async def others(self, prefix: str) -> Sequence[str]:
        self._reached()
        return [
            name
            for name, (holder, _, until) in self.database.rows.items()
            if name.startswith(prefix) and holder != self.holder and until > self.database.now
        ]

    async def turn(self, name: str, every: float) -> float:
        raise NotImplementedError

    def _reached(self) -> None:
        if self.database.away:
            raise StoreError("the database cannot be reached")
