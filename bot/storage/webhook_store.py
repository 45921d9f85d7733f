"""The outbox of webhook events. Implements a port from `usecases/outages/ports.py`."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from bot.core.webhooks import WebhookMessage
from bot.storage import tables as t
from bot.storage.stores import Reader
from bot.storage.writer import Writer

_AT_ONCE = 100


class SqlWebhookStore:
    """The outbox of webhooks. `write_deliveries` adds to it, in the transaction that changes the outage."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def waiting(self, receiver: str) -> Sequence[WebhookMessage]:
        query = select(t.webhook).where(t.webhook.c.receiver == receiver).order_by(t.webhook.c.id).limit(_AT_ONCE)
        return [
            WebhookMessage(row.receiver, row.message_id, row.document, row.at, row.id)
            for row in await self._reader.rows(query)
        ]

    async def delete(self, delivery: WebhookMessage) -> None:
        def work(connection: Connection) -> None:
            connection.execute(delete(t.webhook).where(t.webhook.c.id == delivery.id))

        await self._writer.run(work)

    async def purge(self, before: int) -> int:
        def work(connection: Connection) -> int:
            return connection.execute(delete(t.webhook).where(t.webhook.c.at < before)).rowcount

        return await self._writer.run(work)


def write_deliveries(connection: Connection, deliveries: Sequence[WebhookMessage]) -> None:
    """Add events, in the transaction of this connection."""
    rows = [
        {"receiver": one.receiver, "message_id": one.message_id, "document": one.document, "at": one.at}
        for one in deliveries
    ]
    if rows:
        connection.execute(insert(t.webhook), rows)
