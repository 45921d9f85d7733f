"""The schema after the newest migration. Times are epoch seconds, because SQLite loses time zones.

Reports are append-only, and their only index is in the order of appending: an index on random keys would make writing
and purging a large log ten times slower. People are stored as keyed hashes (`reporter`). User ids are only stored for
moderators in the change log, and for people who asked to be notified (`subscriber`, and `post.people` until the call is
sent).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite assigns row ids only to a column of type INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")
SmallId = SmallInteger().with_variant(Integer, "sqlite")

service = Table(
    "service",
    metadata,
    Column("id", SmallId, primary_key=True),
    Column("slug", String(64), nullable=False, unique=True),
)

report = Table(
    "report",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=False),
    Column("service_id", SmallId, ForeignKey("service.id"), nullable=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("reporter", BigInteger, nullable=False),
    Column("symptom", String(32)),
    Column("at", BigInteger, nullable=False),
    Column("young", Boolean, nullable=False, server_default=false()),
)
Index("ix_report_at", report.c.at)

hour_count = Table(
    "hour_count",
    metadata,
    Column("service_id", SmallId, ForeignKey("service.id"), primary_key=True),
    Column("hour", BigInteger, primary_key=True),
    Column("reports", Integer, nullable=False),
)

guild_settings = Table(
    "guild_settings",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
)

settings_change = Table(
    "settings_change",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("guild_id", BigInteger, nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("moderator_id", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
)

opt_out = Table(
    "opt_out",
    metadata,
    Column("reporter", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
)

auto_reply = Table(
    "auto_reply",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("service_id", SmallId, ForeignKey("service.id"), nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
    Column("rule", String(32)),
    Column("symptom", String(32)),
)

rule_score = Table(
    "rule_score",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("rule", String(32), primary_key=True),
    Column("replies", Integer, nullable=False),
    Column("wrong", Integer, nullable=False),
    Column("off", Boolean, nullable=False),
    Column("since", BigInteger, nullable=False, server_default="0"),
)

rule_vote = Table(
    "rule_vote",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("rule", String(32), primary_key=True),
    Column("voter", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
)

# Which steps of a guide helped; the symptom is '' for the guide of the service, the step -1 for none of them.
step_count = Table(
    "step_count",
    metadata,
    Column("service_id", SmallId, ForeignKey("service.id"), primary_key=True),
    Column("symptom", String(32), primary_key=True),
    Column("step", SmallInteger, primary_key=True, autoincrement=False),
    Column("helped", Integer, nullable=False),
)

# How often something happened in a server on a day (since the epoch): `what` is "reply", "wrong", "summary", or the way
# in which people asked about trouble that no symptom covers.
day_count = Table(
    "day_count",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("what", String(16), primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("times", Integer, nullable=False),
)

watch = Table(
    "watch",
    metadata,
    Column("service_id", SmallId, ForeignKey("service.id"), primary_key=True),
    Column("document", Text, nullable=False),
)

outage = Table(
    "outage",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("service_id", SmallId, ForeignKey("service.id"), nullable=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("phase", String(16), nullable=False),
    Column("began", BigInteger, nullable=False, index=True),
    Column("document", Text, nullable=False),
    sqlite_autoincrement=True,
)

post = Table(
    "post",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("outage_id", BigInteger, ForeignKey("outage.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("people", Text, nullable=False),
    Column("attempted", BigInteger),
    Column("message_id", BigInteger),
    Column("thread_id", BigInteger),
    Column("pinged", Boolean, nullable=False),
    Column("reminded", BigInteger),
    Column("lost", Boolean, nullable=False),
    # The id is also the nonce of the message: if an id were reused, Discord would drop the message as a duplicate.
    sqlite_autoincrement=True,
)

subscriber = Table(
    "subscriber",
    metadata,
    Column("service_id", SmallId, ForeignKey("service.id"), primary_key=True),
    Column("scope", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)

# The outbox of webhook events; it contains nothing about people or servers.
webhook = Table(
    "webhook",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("receiver", String(16), nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("document", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

closed_channel = Table(
    "closed_channel",
    metadata,
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("code", Integer, nullable=False),
    Column("told", Boolean, nullable=False),
)

removed_server = Table(
    "removed_server",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
)

# Change events between several processes on one PostgreSQL. A table that processes hold in memory needs triggers that
# publish its changes, as in migration 0008; `tests/storage/test_published.py` lists the tables that need none.
change_event = Table(
    "change_event",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("origin", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
)

# Leases: which process may do exclusive work, and `until` when (epoch milliseconds).
lease = Table(
    "lease",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", BigInteger, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
)

meta = Table(
    "meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
