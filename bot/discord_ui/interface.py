"""The interface: all commands and listeners, built from the use cases they call, for one client."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.core.privacy import ReporterKey
from bot.core.service import Service
from bot.core.shards import Shards
from bot.core.texts import Languages
from bot.discord_ui.answering.context import Context
from bot.discord_ui.answering.failures import Failures
from bot.discord_ui.answering.router import Router
from bot.discord_ui.answering.speech import Speech
from bot.discord_ui.commands.ask import AskCommands
from bot.discord_ui.commands.help import HelpCommands
from bot.discord_ui.commands.outages import OutageCommands
from bot.discord_ui.commands.privacy import PrivacyCommands
from bot.discord_ui.commands.report import ReportCommands
from bot.discord_ui.commands.status import StatusCommands
from bot.discord_ui.commands.support import SupportCommands
from bot.discord_ui.commands.wrong_reply import WrongReply
from bot.discord_ui.connection.circuit_breaker import CircuitBreaker
from bot.discord_ui.connection.client import Client
from bot.discord_ui.connection.endpoint import Endpoint
from bot.discord_ui.connection.gateway import IdentifyTurn, Pace
from bot.discord_ui.connection.handover import Handover
from bot.discord_ui.connection.internals import Internals
from bot.discord_ui.listeners.message_filter import MessageFilter
from bot.discord_ui.listeners.messages import MessageListener
from bot.discord_ui.listeners.permissions import PermissionListener
from bot.discord_ui.listeners.reactions import ReactionListener
from bot.discord_ui.listeners.servers import ServerListener
from bot.discord_ui.posting.current import CurrentClient
from bot.discord_ui.posting.live_replies import LiveReplies
from bot.discord_ui.setup.commands import SetupCommands
from bot.discord_ui.setup.ears import EarsCommands, Listening
from bot.discord_ui.setup.outages import SetupOutages
from bot.discord_ui.setup.panel import SetupPanel
from bot.discord_ui.setup.trial import TrialCommands
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.history import ShowHistory
from bot.usecases.outages.simulate import SimulateOutage
from bot.usecases.outages.wait_for_recovery import WaitForRecovery
from bot.usecases.ports import Meta
from bot.usecases.replies.follow_replies import ReplyCache
from bot.usecases.replies.judge_replies import JudgeReplies, RuleCache
from bot.usecases.replies.notice_message import NoticeMessage, OptOutCache
from bot.usecases.reports.answer_help import AnswerHelp
from bot.usecases.reports.check_status import CheckStatus
from bot.usecases.reports.record_report import RecordReport
from bot.usecases.servers.closed_channels import ClosedChannels
from bot.usecases.servers.configure_guild import ConfigureGuild
from bot.usecases.upkeep.forget import Privacy
from bot.usecases.upkeep.forget_servers import ForgetServers


@dataclass(frozen=True, slots=True)
class Interface:
    """Everything a client's commands and listeners are built from."""

    context: Context
    speech: Speech
    languages: Languages
    failures: Failures
    live: LiveReplies
    current: CurrentClient
    endpoint: Endpoint
    internals: Internals
    meta: Meta
    breaker: CircuitBreaker
    pace: Pace
    turn: IdentifyTurn
    handover: Handover
    rng: random.Random
    record: RecordReport
    check: CheckStatus
    privacy: Privacy
    opt_outs: OptOutCache
    configure: ConfigureGuild
    notice: NoticeMessage
    judge: JudgeReplies
    rules: RuleCache
    key: ReporterKey
    automod_phrases: Callable[[Service], Sequence[str]]
    answers: AnswerHelp
    replies: ReplyCache
    outages: OutageCache
    history: ShowHistory
    waiting: WaitForRecovery
    simulate: SimulateOutage
    closed: ClosedChannels
    servers: ForgetServers

    def client(self, *, message_content: bool, shards: Shards) -> Client:
        """A fresh client for Discord."""
        context, speech = self.context, self.speech
        help_ = HelpCommands(context, speech)
        report = ReportCommands(context, speech, self.record, self.live)
        support = SupportCommands(context, speech)
        privacy = PrivacyCommands(speech, self.privacy, self.opt_outs)
        outages = OutageCommands(context, speech, self.history, self.outages, self.waiting)
        listening = Listening(context, self.automod_phrases)
        panel = SetupPanel(context, speech, self.languages, self.configure, self.rules, self.closed, listening.ears)
        setup = SetupCommands(panel, self.configure, self.judge, self.key)
        trial, ears = TrialCommands(panel, self.notice), EarsCommands(panel, listening)
        setup_outages = SetupOutages(panel, self.simulate)
        wrong = WrongReply(speech, self.judge)
        ask = AskCommands(context)
        router = Router(speech, self.failures)
        for cog in (help_, report, support, privacy, outages, setup, trial, ears, setup_outages, wrong):
            router.add(cog.handlers())
        for cog in (setup, trial, support):
            router.add(cog.forms(), forms=True)
        servers = ServerListener(self.current, self.servers)
        messages = MessageListener(
            self.notice,
            self.answers,
            self.judge,
            speech,
            self.live,
            self.closed,
            self.failures,
            hears_content=message_content,
        )
        listeners = (
            messages,
            ReactionListener(self.replies, context.guilds, context.services, self.record, self.live, self.failures),
            PermissionListener(self.closed),
            servers,
        )
        status = StatusCommands(context, self.check, self.history)
        return Client(
            cogs=(
                help_,
                status,
                report,
                support,
                privacy,
                outages,
                setup,
                trial,
                ears,
                setup_outages,
                wrong,
                ask,
                *listeners,
            ),
            menus=ask.menus(),
            router=router,
            message_filter=MessageFilter(self.current, self.notice, messages, self.failures),
            failures=self.failures,
            languages=self.languages,
            meta=self.meta,
            breaker=self.breaker,
            pace=self.pace,
            turn=self.turn,
            handover=self.handover,
            endpoint=self.endpoint,
            internals=self.internals,
            rng=self.rng,
            message_content=message_content,
            shards=shards,
        )
