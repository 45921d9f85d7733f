"""The interface: all commands and listeners, built from the use cases they call, for one client."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.core.privacy import ReporterKey
from bot.core.service import Service
from bot.core.shards import Shards
from bot.core.texts import Languages
from bot.discord_ui.brake import Brake
from bot.discord_ui.client import Client
from bot.discord_ui.commands.ask import AskCommands
from bot.discord_ui.commands.help import HelpCommands
from bot.discord_ui.commands.outages import OutageCommands
from bot.discord_ui.commands.privacy import PrivacyCommands
from bot.discord_ui.commands.report import ReportCommands
from bot.discord_ui.commands.setup import SetupCommands
from bot.discord_ui.commands.setup_ears import EarsCommands, Listening
from bot.discord_ui.commands.setup_outages import SetupOutages
from bot.discord_ui.commands.setup_panel import SetupPanel
from bot.discord_ui.commands.setup_trial import TrialCommands
from bot.discord_ui.commands.status import StatusCommands
from bot.discord_ui.commands.support import SupportCommands
from bot.discord_ui.commands.wrong_reply import WrongReply
from bot.discord_ui.context import Context
from bot.discord_ui.failures import Failures
from bot.discord_ui.gateway import Pace, Turn
from bot.discord_ui.handover import Handover
from bot.discord_ui.listeners.messages import MessageListener
from bot.discord_ui.listeners.permissions import PermissionListener
from bot.discord_ui.listeners.reactions import ReactionListener
from bot.discord_ui.listeners.servers import ServerListener
from bot.discord_ui.live_replies import LiveReplies
from bot.discord_ui.message_gate import MessageGate
from bot.discord_ui.router import Router
from bot.discord_ui.speech import Speech
from bot.usecases.answer_help import AnswerHelp
from bot.usecases.check_status import CheckStatus
from bot.usecases.closed_channels import ClosedChannels
from bot.usecases.configure_guild import ConfigureGuild
from bot.usecases.follow_replies import ReplyBook
from bot.usecases.forget import Privacy
from bot.usecases.forget_servers import ForgetServers
from bot.usecases.judge_replies import JudgeReplies, RuleBook
from bot.usecases.notice_message import NoticeMessage, OptOutBook
from bot.usecases.outage_book import OutageBook
from bot.usecases.ports import Meta
from bot.usecases.record_report import RecordReport
from bot.usecases.show_history import ShowHistory
from bot.usecases.simulate_outage import SimulateOutage
from bot.usecases.wait_for_recovery import WaitForRecovery


@dataclass(frozen=True, slots=True)
class Interface:
    """Everything a client's commands and listeners are built from."""

    context: Context
    speech: Speech
    languages: Languages
    failures: Failures
    live: LiveReplies
    meta: Meta
    brake: Brake
    pace: Pace
    turn: Turn
    handover: Handover
    chance: random.Random
    record: RecordReport
    check: CheckStatus
    privacy: Privacy
    opt_outs: OptOutBook
    configure: ConfigureGuild
    notice: NoticeMessage
    judge: JudgeReplies
    rules: RuleBook
    key: ReporterKey
    automod_phrases: Callable[[Service], Sequence[str]]
    answers: AnswerHelp
    replies: ReplyBook
    outages: OutageBook
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
        servers = ServerListener(self.servers)
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
        servers.client = client = Client(
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
            gate=MessageGate(self.notice, messages, self.failures),
            failures=self.failures,
            languages=self.languages,
            meta=self.meta,
            brake=self.brake,
            pace=self.pace,
            turn=self.turn,
            handover=self.handover,
            chance=self.chance,
            message_content=message_content,
            shards=shards,
        )
        return client
