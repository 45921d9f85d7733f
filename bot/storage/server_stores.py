"""All data about servers, in all tables: implements the port `ServerStore` in `usecases/servers/ports.py`."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, delete, select, union

from bot.storage import tables as t
from bot.storage.stores import Reader
from bot.storage.upsert import upsert
from bot.storage.writer import Writer

_OF_SERVERS = (
    *(t.guild_settings, t.settings_change, t.rule_score, t.rule_vote, t.auto_reply, t.subscriber, t.post, t.outage),
    *(t.closed_channel, t.day_count),
)
"""Tables whose `guild_id` is a server that has or had the bot. A report's server may be any other: people who installed
the bot for themselves can report anywhere. Reports are deleted by age, earlier than the server's data."""
_NO_SERVER = 0


class SqlServerStore:
    """The servers with stored data, the servers that removed the bot, and the deletion of all data of one."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def kept(self) -> frozenset[int]:
        rows = await self._reader.rows(union(*(select(table.c.guild_id) for table in _OF_SERVERS)))
        return frozenset(row.guild_id for row in rows) - {_NO_SERVER}

    async def removed(self) -> Mapping[int, int]:
        return {row.guild_id: row.at for row in await self._reader.rows(select(t.removed_server))}

    async def mark(self, removed: Mapping[int, int]) -> None:
        def work(connection: Connection) -> None:
            keep = upsert(connection, t.removed_server)
            keep = keep.on_conflict_do_update(index_elements=["guild_id"], set_={"at": keep.excluded.at})
            connection.execute(keep, [{"guild_id": one, "at": at} for one, at in removed.items()])

        if removed:
            await self._writer.run(work)

    async def unmark(self, guild_ids: Collection[int]) -> None:
        def work(connection: Connection) -> None:
            connection.execute(delete(t.removed_server).where(t.removed_server.c.guild_id.in_(guild_ids)))

        if guild_ids:
            await self._writer.run(work)

    async def delete(self, guild_id: int) -> None:
        simulated = select(t.outage.c.id).where(t.outage.c.guild_id == guild_id)

        def work(connection: Connection) -> None:
            # A post of a simulation may be a direct message, which has no server.
            connection.execute(delete(t.post).where(t.post.c.outage_id.in_(simulated)))
            connection.execute(delete(t.subscriber).where(t.subscriber.c.scope.in_(simulated)))
            for table in (*_OF_SERVERS, t.removed_server):
                connection.execute(delete(table).where(table.c.guild_id == guild_id))

        await self._writer.run(work)
