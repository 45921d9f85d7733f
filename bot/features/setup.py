"""`/setup`: the panel in which moderators change the settings of their server."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.setup.commands import SetupCommands
from bot.discord_ui.setup.dry_run import DryRunVerdicts
from bot.discord_ui.setup.guide_commands import SetupGuide
from bot.discord_ui.setup.panel import SetupPanel
from bot.discord_ui.setup.simulate import SetupSimulation
from bot.discord_ui.setup.sources import AutoModCommands, InspectSources
from bot.discord_ui.setup.transfer import SetupTransfer
from bot.discord_ui.setup.trial import TrialCommands, TryPhrases
from bot.discord_ui.setup.why import WhyCommands
from bot.features.base import Base, Feature
from bot.features.channels import ChannelAccess
from bot.features.outages import Outages
from bot.features.replies import Replies
from bot.usecases.servers.check_phrases import CheckPhrases
from bot.usecases.servers.configure_guild import ConfigureGuild
from bot.usecases.servers.drafts import Drafts


@dataclass(frozen=True, slots=True)
class Setup(Feature):
    """The panel and its pages."""

    base: Base
    channels: ChannelAccess
    replies: Replies
    outages: Outages
    phrases: CheckPhrases
    configure: ConfigureGuild

    def cogs(self) -> Sequence[FeatureCog]:
        """The command, and the handlers of each page."""
        base, replies = self.base, self.replies
        sources = InspectSources(base.context, base.vocabulary.automod_phrases, replies.second)
        panel = SetupPanel(
            context=base.context,
            localizer=base.localizer,
            languages=base.languages,
            configure=self.configure,
            rules=replies.rules,
            phrases=replies.phrases,
            closed=self.channels.closed,
            inspect=sources.inspect,
            steps=base.guide_steps,
            outages=base.outages,
            scopes=base.scopes,
        )
        tried = TryPhrases(panel, self.phrases, Drafts(base.clock))
        return (
            SetupCommands(panel, replies.judge, base.key, tried),
            tried,
            SetupTransfer(panel, self.configure, Drafts(base.clock)),
            TrialCommands(panel, replies.notice),
            WhyCommands(panel, replies.notice),
            DryRunVerdicts(base.localizer, replies.judge, base.guilds),
            SetupGuide(panel, self.channels.moderators, base.clock),
            AutoModCommands(panel, sources),
            SetupSimulation(panel, self.outages.simulate),
        )


def build_setup(base: Base, channels: ChannelAccess, replies: Replies, outages: Outages) -> Setup:
    """Build the feature."""
    phrases = CheckPhrases(time.thread_time)
    configure = ConfigureGuild(base.stores.settings, base.guilds, base.services, base.languages, phrases, base.clock)
    return Setup(base, channels, replies, outages, phrases, configure)
