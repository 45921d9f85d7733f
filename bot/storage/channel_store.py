"""Closed channels: implements the port `ClosedChannelStore` in `usecases/servers/ports.py`."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, delete, select

from bot.storage import tables as t
from bot.storage.stores import Reader
from bot.storage.upsert import upsert
from bot.storage.writer import Writer
from bot.usecases.servers.ports import ClosedChannel


class SqlClosedChannels:
    """Channels where Discord does not let us write."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def all(self) -> Sequence[ClosedChannel]:
        query = select(t.closed_channel).order_by(t.closed_channel.c.at)
        return [ClosedChannel(r.channel_id, r.guild_id, r.at, r.code, r.told) for r in await self._reader.rows(query)]

    async def put(self, closed: ClosedChannel) -> None:
        values = asdict(closed)
        values["told"] = values.pop("notified")

        def work(connection: Connection) -> None:
            keep = upsert(connection, t.closed_channel).values(values)
            connection.execute(keep.on_conflict_do_update(index_elements=["channel_id"], set_=values))

        await self._writer.run(work)

    async def delete(self, channel_id: int) -> None:
        def work(connection: Connection) -> None:
            connection.execute(delete(t.closed_channel).where(t.closed_channel.c.channel_id == channel_id))

        await self._writer.run(work)
