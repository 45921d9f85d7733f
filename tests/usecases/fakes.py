"""Small values and fake ports for use cases."""

from collections.abc import Mapping

from bot.core.errors import StoreError
from bot.core.guide import Guide, GuideStep
from bot.core.service import Links, Service, Symptom


def a_service(service_id: str = "examplia") -> Service:
    """The smallest possible service."""
    guide = Guide(
        "en", "Error", "It failed.", ("A fault.",), (GuideStep("Wait", "Wait.", "It settles."),), (), "Write.", "Wait."
    )
    return Service(
        id=service_id,
        name=service_id.capitalize(),
        aliases=("ex",),
        words=(service_id,),
        links=Links("https://example.org", "https://example.org/support"),
        sources=(),
        symptoms=(Symptom("login", {"en": "Login"}),),
        guides={"en": guide},
    )


class Days:
    """The port `DayCounts`, in memory. It fails if a test sets this."""

    def __init__(self) -> None:
        self.counts: dict[tuple[int, str, int], int] = {}
        self.fails = False

    async def add(self, guild_id: int, what: str, day: int) -> None:
        self._check()
        self.counts[guild_id, what, day] = self.counts.get((guild_id, what, day), 0) + 1

    async def add_first(self, guild_id: int, what: str, day: int) -> bool:
        self._check()
        first = (guild_id, what, day) not in self.counts
        self.counts.setdefault((guild_id, what, day), 1)
        return first

    async def between(self, guild_id: int, first_day: int, last_day: int) -> Mapping[str, int]:
        self._check()
        found: dict[str, int] = {}
        for (guild, what, day), times in self.counts.items():
            if guild == guild_id and first_day <= day <= last_day:
                found[what] = found.get(what, 0) + times
        return found

    async def purge(self, before_day: int) -> int:
        self._check()
        self.counts = {key: times for key, times in self.counts.items() if key[2] >= before_day}
        return 0

    def of(self, guild_id: int) -> dict[str, int]:
        """The counts of a server, over all days."""
        return {what: times for (guild, what, _), times in self.counts.items() if guild == guild_id}

    def _check(self) -> None:
        if self.fails:
            raise StoreError("no")
