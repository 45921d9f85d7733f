"""`notjustyou forget`."""

import asyncio

import click

from bot.app import open_app
from bot.cli.configured import configured
from bot.cli.shared import command
from bot.core.errors import InvalidValueError, StoreError
from bot.storage.database import database
from bot.storage.keys import FILE_NAME

_ID = click.IntRange(1, 2**63 - 1)


@click.command()
@click.argument("user_id", type=_ID, required=False, help="The person's Discord id.")
@click.option("--server", type=_ID, help="A server's Discord id, instead of a person's.")
@command
async def app(user_id: int | None, server: int | None) -> None:
    """Delete everything stored about a person, as `/privacy` does, or about a server, including its settings."""
    if (user_id is None) == (server is None):
        raise InvalidValueError("forget", "given either a person's id, or --server with a server's id")
    settings = configured()
    ours = database(settings.database_url)
    if not await asyncio.to_thread(ours.begun):
        raise StoreError(f"there is no database at {ours.name}; is this the bot's folder, and DATABASE_URL the bot's?")
    if settings.reporter_key is None and ours.key_folder is not None and not (ours.key_folder / FILE_NAME).exists():
        raise StoreError(
            f"there is no {ours.key_folder / FILE_NAME}: without the reporter key, no stored data can be matched to a "
            "person"
        )
    async with open_app(settings, jobs=False, may_lead=False) as opened:
        if server is not None:
            await opened.upkeep.servers.forget(server)
            result = "Deleted everything stored about this server. If the bot is running, restart it: it still has the "
            result += "server in memory."
        else:
            assert user_id is not None, "exactly one of the two is given"
            reports = await opened.upkeep.privacy.delete(user_id)
            result = f"Deleted {reports} reports. If the bot is running, they stay in its counts until its next start, "
            result += "for at most a day."
    click.echo(result)
