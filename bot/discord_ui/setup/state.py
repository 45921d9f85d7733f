"""What the cards of `/setup` are drawn from."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.core.gone import Gone, ids_in
from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import Outage
from bot.core.rule_scores import RuleScore
from bot.core.service import Service
from bot.discord_ui.permissions import PermissionNeed
from bot.discord_ui.setup.values import Names
from bot.usecases.reports.count_steps import Unknown
from bot.usecases.servers.ports import ClosedChannel


@dataclass(frozen=True, slots=True)
class Panel:
    """The settings of a server, and how they fit it now.

    `missing` maps a channel id to the permissions the bot lacks there; `scores` are by rule. `lacking` are those
    it lacks in the channel of a setting; `open_to_all` are settings whose channel is for moderators, but everybody can
    read there; `may_call_role`: whether it may mention the outage role; `closed` are channels where
    Discord refused our messages; `resting` are patterns that took too long, and until when they rest; `refused` are
    patterns that are too large. `gone` is what the settings name and was deleted, `left_out` what was chosen just now
    and was deleted meanwhile. `away`: Discord has the server unavailable. `unknown`: how often people asked, in which
    way, for what no symptom covers.

    `outage` is the open one of the service, also if it is only suspected; `outage_elsewhere`: only other servers report
    it. `nonce` is new each time: Discord's clients
    keep what was last chosen in a menu as long as its custom id stays. `notice` says what became of the last press,
    such as why a choice was not taken.
    """

    settings: GuildSettings
    service: Service
    names: Names
    hears_content: bool
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
        """Those of them that are still there."""
        return sorted(self.ids(name) - self.gone.named_in(self.settings, name))
