"""Opens the database: migrated, without damage, and with all stores."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.settings import Settings
from bot.storage import migrate
from bot.storage.channel_store import SqlClosedChannels
from bot.storage.database import database
from bot.storage.day_counts import SqlDayCounts
from bot.storage.outage_stores import SqlOutageStore, SqlPostStore, SqlSubscribers
from bot.storage.recovery import RECOVERED
from bot.storage.report_log import SqlHourCounts, SqlReportLog
from bot.storage.server_stores import SqlServerStore
from bot.storage.step_counts import SqlStepCounts
from bot.storage.stores import (
    Reader,
    ServiceIds,
    SqlMeta,
    SqlOptOuts,
    SqlReplyStore,
    SqlRuleScores,
    SqlRuleVotes,
    SqlSettingsStore,
)
from bot.storage.webhook_store import SqlWebhookStore
from bot.storage.writer import Writer
from bot.usecases.ports import Clock

if TYPE_CHECKING:
    from bot.storage.cluster import Shared


@dataclass(frozen=True, slots=True)
class Stores:
    """The open database. `damaged` is set once SQLite reports a damaged file; the next start would recover it."""

    damaged: asyncio.Event
    writer: Writer
    reports: SqlReportLog
    hours: SqlHourCounts
    settings: SqlSettingsStore
    opt_outs: SqlOptOuts
    replies: SqlReplyStore
    rules: SqlRuleScores
    votes: SqlRuleVotes
    outages: SqlOutageStore
    posts: SqlPostStore
    subscribers: SqlSubscribers
    closed: SqlClosedChannels
    servers: SqlServerStore
    meta: SqlMeta
    steps: SqlStepCounts
    webhooks: SqlWebhookStore
    days: SqlDayCounts
    checkpoint: Callable[[], Awaitable[None]]
    size: Callable[[], Awaitable[int]]
    """The size of the database in bytes; raises StoreError."""
    learn_services: Callable[[Sequence[str]], Awaitable[None]]
    """Gives new services their numbers."""
    shared: "Shared | None"
    """Change events and leases for several processes; None for a SQLite file, which only one process can use."""


@asynccontextmanager
async def open_stores(
    settings: Settings, services: Sequence[str], *, alone: bool = False, clock: Clock = time.time
) -> AsyncGenerator[Stores]:
    """Migrate and open the database. `alone` means as its only bot, which also recovers a damaged file.

    Raises StoreError (another bot uses it, or it cannot be used), SchemaError or ConfigurationError.
    """
    ours = database(settings.database_url)
    with ours.claimed(alone=alone, now=clock()) as recovery:
        await asyncio.to_thread(migrate.upgrade, settings.database_url, clock())
        engines = ours.engines()
        try:
            reader = Reader(engines.reader)
            async with Writer(engines.writer) as writer, ours.shared(writer, reader) as shared:
                ids = await ServiceIds.load(writer, services)
                meta = SqlMeta(writer, reader)
                if recovery is not None:
                    await meta.put(RECOVERED, recovery.document())
                yield Stores(
                    damaged=engines.damaged,
                    writer=writer,
                    reports=SqlReportLog(writer, reader, ids),
                    hours=SqlHourCounts(writer, reader, ids),
                    settings=SqlSettingsStore(writer, reader),
                    opt_outs=SqlOptOuts(writer, reader),
                    replies=SqlReplyStore(writer, reader, ids),
                    rules=SqlRuleScores(writer, reader),
                    votes=SqlRuleVotes(writer, reader),
                    outages=SqlOutageStore(writer, reader, ids),
                    posts=SqlPostStore(writer, reader),
                    subscribers=SqlSubscribers(writer, reader, ids),
                    closed=SqlClosedChannels(writer, reader),
                    servers=SqlServerStore(writer, reader),
                    meta=meta,
                    steps=SqlStepCounts(writer, reader, ids),
                    webhooks=SqlWebhookStore(writer, reader),
                    days=SqlDayCounts(writer, reader),
                    checkpoint=ours.checkpointer(engines),
                    size=partial(ours.size, reader),
                    learn_services=partial(ids.learn, writer),
                    shared=shared,
                )
        finally:
            await engines.dispose()
