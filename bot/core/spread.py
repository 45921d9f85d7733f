"""How widely an outage is reported: which servers it concerns, and what it takes to fake one for others.

A raid can bring any number of people in one server, and new accounts cost nothing. So servers with hardly any reports
are only notified when accounts older than a week report it in servers of different owners.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from bot.core.reports import EVERYWHERE

AGED_ACCOUNTS, OWNERS = 5, 3
"""An outage concerns everyone if this many aged accounts report it in servers of this many owners..."""
OUTSIDE = 2
"""... and this many of them outside the server with the most."""
OWN_CROWD, YOUNG_WEIGHS = 3, 0.25
"""It also concerns a server in which this many people report it; a young account counts as a quarter of a person."""


class Reporters(NamedTuple):
    """People of one server who reported in the last hour; `young` are those whose account is younger than a week."""

    people: int
    young: int = 0

    @property
    def aged(self) -> int:
        """People whose account is older than a week."""
        return self.people - self.young

    @property
    def credit(self) -> float:
        """Number of people; a young account weighs less."""
        return self.aged + YOUNG_WEIGHS * self.young


def only_server(by_server: Mapping[int, Reporters]) -> int | None:
    """The server with nearly all reporters; None if at least two people report elsewhere."""
    largest = max(by_server, key=lambda server: by_server[server].credit, default=None)
    outside = sum(one.credit for server, one in by_server.items() if server != largest)
    return largest if outside < OUTSIDE else None


def concerned(by_server: Mapping[int, Reporters], owner: Callable[[int], int | None]) -> frozenset[int] | None:
    """The servers that an outage concerns; None for all of them.

    Reports from outside our servers (id 0) prove nothing for others. `owner` returns the owner of a server, or None if
    unknown; then the server does not count as one of another owner. It is called for no more servers than needed.
    """
    aged = {server: one.aged for server, one in by_server.items() if one.aged and server != EVERYWHERE}
    outside = sum(aged.values()) - max(aged.values(), default=0)
    if sum(aged.values()) >= AGED_ACCOUNTS and outside >= OUTSIDE and _of_several_owners(aged, owner):
        return None
    largest = max(by_server, key=lambda server: by_server[server].credit, default=EVERYWHERE)
    return frozenset({largest, *(server for server, one in by_server.items() if one.credit >= OWN_CROWD)})


def _of_several_owners(servers: Iterable[int], owner: Callable[[int], int | None]) -> bool:
    owners = set[int]()
    for server in servers:
        if (one := owner(server)) is not None:
            owners.add(one)
        if len(owners) == OWNERS:
            return True
    return False
