"""This process: its shards, whether it is the leader, and the reason why it cannot continue."""

import asyncio
import logging
import secrets
from dataclasses import dataclass

from bot.core.errors import NotJustYouError
from bot.core.shards import Shards
from bot.discord_ui.connection.gateway import IdentifyTurn, OwnTurns
from bot.discord_ui.connection.handover import Handover
from bot.usecases.leadership import Leadership, Observer, OnlyProcess

_logger = logging.getLogger(__name__)


class FatalError:
    """The reason why this process cannot continue and must be restarted. Only the first reason is kept."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self.reason: NotJustYouError | None = None

    def because(self, reason: NotJustYouError) -> None:
        """Set the reason, which ends this process."""
        if self.reason is None:
            _logger.critical("this process cannot continue", extra={"why": str(reason)})
            self.reason = reason
            self.event.set()


@dataclass(frozen=True, slots=True)
class Process:
    """The shards of this process, and its role in exclusive work."""

    shards: Shards
    leadership: Leadership
    turn: IdentifyTurn
    handover: Handover
    fatal: FatalError
    worker_id: int = 0
    """Part of the ids of the reports that this process records."""

    def owns(self, guild_id: int) -> bool:
        """Whether this process answers a server now; 0 stands for direct messages."""
        return self.shards.owns(guild_id) and not self.handover.holds(guild_id)


def only_process(shards: Shards) -> Process:
    """The only process of a bot, which is always the leader."""
    return Process(shards, OnlyProcess(), OwnTurns().turn, Handover(), FatalError())


def observer() -> Process:
    """A command that may run beside the bot: it has no shards and is never the leader."""
    no_shards = Shards((), 1)
    return Process(no_shards, Observer(), OwnTurns().turn, Handover(), FatalError(), worker_id=secrets.randbits(62))
