"""The state that the cards of `/setup` show."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.core.gone import Gone, ids_in
from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import Outage
from bot.core.rule_scores import RuleScore
from bot.core.service import Service
from bot.discord_ui.permissions import PermissionNeed
from bot.discord_ui.setup.values import Names
from bot.usecases.reports.count_helpful_steps import Unknown
from bot.usecases.servers.ports import ClosedChannel


@dataclass(frozen=True, slots=True)
class Panel:
    """The settings of a server, and their problems now.

    `missing` maps a channel id to the permissions the bot lacks there; `scores` are by rule. `lacking` are the
    permissions it lacks in the channel of a setting; `open_to_all` are settings whose channel is for moderators but
    visible to all members; `may_call_role`: whether it may mention the outage role; `closed` are channels where Discord
    refused our messages; `resting` are suspended patterns with the end of the suspension; `refused` are patterns that
    are too large. `gone` are deleted items that the settings name, `left_out` are items of the last choice that were
    deleted meanwhile. `away`: the server is unavailable. `unknown`: how often people asked, in each way, about trouble
    that no symptom covers.

    `outage` is the open one of the service, even if it is only suspected; `outage_elsewhere`: only other servers report
    it. `nonce` is new each time, because Discord's clients keep the last choice in a menu as long as its custom id
    stays the same. `notice` is the result of the last press, for example the reason why a choice was refused.
    """

    settings: GuildSettings
    service: Service
    names: Names
    has_message_text: bool
    missing: Mapping[int, Sequence[PermissionNeed]]
    lacking: Mapping[str, Sequence[PermissionNeed]]
    open_to_all: Collection[str]
    may_call_role: bool
    closed: Sequence[ClosedChannel]
    scores: Mapping[str, RuleScore]
    resting: Mapping[str, float]
    refused: Sequence[str]
    gone: Gone
    left_out: Sequence[str]
    away: bool
    nonce: str
    notice: str = ""
    outage: Outage | None = None
    outage_elsewhere: bool = False
    unknown: Mapping[Unknown, int] = field(default_factory=dict[Unknown, int])

    def ids(self, name: str) -> frozenset[int]:
        """The channels or roles that a setting names."""
        return ids_in(self.settings, name)

    def here(self, name: str) -> list[int]:
        """The channels or roles that a setting names and that still exist."""
        return sorted(self.ids(name) - self.gone.named_in(self.settings, name))
