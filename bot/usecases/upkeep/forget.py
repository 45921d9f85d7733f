"""`/privacy`: show, export and delete the data stored about a person."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.core.board import Board
from bot.core.privacy import ReporterKey
from bot.core.recent_mentions import RecentMentions
from bot.core.talk import Talk
from bot.usecases.outages.wait_for_recovery import WaitForRecovery
from bot.usecases.replies.notice_message import OptOutCache
from bot.usecases.replies.ports import RuleVotes
from bot.usecases.reports.ports import ReportLog
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.servers.ports import SettingsStore


@dataclass(frozen=True, slots=True)
class PersonalData:
    """The data stored about one person: reports, changes of settings as a moderator, the wish for no auto-replies."""

    reports: int
    changes: int
    opted_out: bool
    waits: int
    """This person's requests to be notified when a service is back: open ones, and mentions being sent now."""
    ignored: int
    """Servers whose moderators have the bot ignore this person."""
    votes: int
    """Rules whose replies this person marked as wrong in the last 30 days."""
    document: dict[str, Any]
    """Everything, as JSON to download."""


class Privacy:
    """Shows and deletes everything stored about one person. `forgotten` tells the other processes."""

    def __init__(
        self,
        log: ReportLog,
        settings: SettingsStore,
        opt_outs: OptOutCache,
        guilds: GuildCache,
        waiting: WaitForRecovery,
        board: Board,
        talk: Mapping[str, Talk],
        key: ReporterKey,
        *,
        recent: RecentMentions,
        votes: RuleVotes,
        forgotten: Callable[[int], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._log = log
        self._opt_outs = opt_outs
        self._votes = votes
        self._guilds = guilds
        self._waiting = waiting
        self._board = board
        self._talk = talk
        self._recent = recent
        self._key = key
        self._forgotten = forgotten

    async def show(self, user_id: int) -> PersonalData:
        """Everything stored about a person. Raises StoreError."""
        reports = await self._log.of(self._key.reporter(user_id))
        opted_out = self._opt_outs.has_user(user_id)
        rows = [
            {
                "service": r.service,
                "at": r.at,
                "symptom": r.symptom,
                "server": str(r.guild_id),
                "young_account": r.young,
            }
            for r in reports
        ]
        made = [
            {"at": entry.at, "setting": entry.change.field, "before": entry.change.before, "after": entry.change.after}
            for entry in await self._settings.changes_by(user_id)
        ]
        waits = [
            {"service": w.service, "at": w.at, "server": str(w.guild_id), "channel": str(w.channel_id)}
            for w in await self._waiting.waits(user_id)
        ]
        calls = [
            {"server": str(post.guild_id), "channel": str(post.channel_id)} for post in self._waiting.calls(user_id)
        ]
        listed = partial(self._key.in_lists, user_id)
        ignored = [str(guild_id) for guild_id in self._guilds.ignoring(listed)]
        votes = [{"server": str(v.guild_id), "at": v.at} for v in await self._votes.of(self._key.voter(user_id))]
        document = {
            "reports": rows,
            "changes_as_moderator": made,
            "no_auto_replies": opted_out,
            "waits_for": waits,
            "calls_on_their_way": calls,
            "called_replies_wrong": votes,
            "left_alone_in_servers": ignored,
        }
        return PersonalData(
            len(rows), len(made), opted_out, len(waits) + len(calls), len(ignored), len(votes), document
        )

    async def delete(self, user_id: int) -> int:
        """Delete everything, including counts in memory. Returns how many reports were deleted. Raises StoreError.

        Changes that a moderator made stay in the server's log, without their id. An opt-out stays: it is the person's
        wish for no replies, and only they can withdraw it. An entry in a server's list of ignored people stays: it
        belongs to the moderators' settings. Their votes on wrong replies stay for 30 days, because otherwise one person
        could count again and again.
        """
        reporter = self._key.reporter(user_id)
        deleted = await self._log.delete_person(reporter)
        await self._settings.forget_moderator(user_id)
        await self._waiting.stop(user_id)
        self.forget_here(reporter)
        await self._forgotten(reporter)
        return deleted

    def forget_here(self, reporter: int) -> None:
        """Remove a person from the counts in this process's memory."""
        self._board.forget(reporter)
        for talk in self._talk.values():
            talk.forget(reporter)
        self._recent.forget(reporter)
