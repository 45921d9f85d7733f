"""The parts that all features share."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.content.resources import Resources
from bot.content.texts import Catalogues
from bot.content.words import Vocabulary
from bot.core.board import Board
from bot.core.distress import Distress
from bot.core.mention_text import TextReader
from bot.core.privacy import ReporterKey
from bot.core.recent_mentions import RecentMentions
from bot.core.signals import SignalBoard
from bot.core.symptom_finder import SymptomFinder
from bot.core.talk import Talk
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.context import Context
from bot.discord_ui.answering.failures import Failures
from bot.discord_ui.answering.localizer import Localizer
from bot.discord_ui.posting.current import CurrentClient
from bot.jobs import Job
from bot.process import Process
from bot.stores import Stores
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.followed import Followed
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.outages.scopes import OutageScopes
from bot.usecases.outages.shared import SharedFailures
from bot.usecases.ports import Clock
from bot.usecases.reports.answer_help import AnswerHelp
from bot.usecases.reports.count_helpful_steps import CountHelpfulSteps, StepScores
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.services import ByService, Services


class Feature:
    """A feature of the bot."""

    def cogs(self) -> Sequence[FeatureCog]:
        """New commands and listeners for one client."""
        return ()

    def jobs(self) -> Sequence[Job]:
        """Its background jobs."""
        return ()


@dataclass(frozen=True, slots=True)
class Base:
    """Shared by all features: settings and stores, the state in memory, and the helpers for answers."""

    services: Services
    followed: Followed
    stores: Stores
    process: Process
    key: ReporterKey
    clock: Clock
    rng: random.Random
    languages: Catalogues
    vocabulary: Vocabulary
    distress: Distress
    board: Board
    signals: SignalBoard
    talk: Mapping[str, Talk]
    recent: RecentMentions
    guilds: GuildCache
    outages: OutageCache
    posts: PostCache
    scopes: OutageScopes
    shared: SharedFailures
    answers: AnswerHelp
    guide_steps: CountHelpfulSteps
    readers: ByService[TextReader]
    finders: ByService[SymptomFinder]
    localizer: Localizer
    failures: Failures
    context: Context
    discord: CurrentClient


async def build_base(
    resources: Resources,
    services: Services,
    stores: Stores,
    process: Process,
    key: ReporterKey,
    clock: Clock,
    rng: random.Random,
) -> Base:
    """Build the shared parts, and load the state in memory from the database. Raises StoreError."""
    languages, vocabulary = resources.languages, resources.vocabulary
    guilds, outages, scopes = GuildCache(stores.settings), OutageCache(), OutageScopes()
    posts = PostCache(outages)
    await guilds.load()
    await outages.load(stores.outages, clock)
    await posts.load(stores.posts)
    scopes.load(outages, posts)
    board, signals = Board(), SignalBoard()
    scores = StepScores()
    steps = CountHelpfulSteps(scores, stores.steps, stores.days, key, clock)
    await steps.load()
    shared = SharedFailures(services, outages, scopes)
    answers = AnswerHelp(board, signals, outages, posts, scopes, key, clock, shared=shared, steps=scores)
    localizer = Localizer(languages, guilds)
    readers = ByService(services, lambda service: vocabulary.reader(service, services))
    return Base(
        services=services,
        followed=Followed(services, guilds, board, outages, clock),
        stores=stores,
        process=process,
        key=key,
        clock=clock,
        rng=rng,
        languages=languages,
        vocabulary=vocabulary,
        distress=resources.distress,
        board=board,
        signals=signals,
        talk=ByService(services, lambda _service: Talk()),
        recent=RecentMentions(),
        guilds=guilds,
        outages=outages,
        posts=posts,
        scopes=scopes,
        shared=shared,
        answers=answers,
        guide_steps=steps,
        readers=readers,
        finders=ByService(services, lambda service: vocabulary.symptom_finder(service, reader=readers[service.id])),
        localizer=localizer,
        failures=Failures(localizer),
        context=Context(services, guilds, answers, localizer, clock),
        discord=CurrentClient(),
    )
