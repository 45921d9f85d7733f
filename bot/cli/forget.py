"""`notjustyou forget`."""

import asyncio
from typing import Annotated

import typer

from bot.app import open_app
from bot.cli.configured import configured
from bot.cli.shared import command, command_app
from bot.core.errors import InvalidValueError, StoreError
from bot.storage.database import database
from bot.storage.keys import FILE_NAME

app = command_app()


@app.command()
@command
async def forget(
    user_id: Annotated[int | None, typer.Argument(help="The person's Discord id.", min=1, max=2**63 - 1)] = None,
    server: Annotated[int | None, typer.Option(help="A server's Discord id, instead.", min=1, max=2**63 - 1)] = None,
) -> None:
    """Delete everything kept about a person, as `/privacy` does for them; or about a server, including its settings."""
    if (user_id is None) == (server is None):
        raise InvalidValueError("forget", "given either a person's id, or --server with a server's id")
    settings = configured()
    ours = database(settings.database_url)
    if not await asyncio.to_thread(ours.begun):
        raise StoreError(f"there is no database at {ours.name}; is this the bot's folder, and DATABASE_URL the bot's?")
    if settings.reporter_key is None and ours.key_folder is not None and not (ours.key_folder / FILE_NAME).exists():
        raise StoreError(f"there is no {ours.key_folder / FILE_NAME}: without the bot's key nobody can be found")
    async with open_app(settings, jobs=False, decides=False) as opened:
        if server is not None:
            await opened.upkeep.servers.forget(server)
            result = "Deleted all that was kept of this server. If the bot is running, restart it: it still knows it."
        else:
            assert user_id is not None, "exactly one of the two is given"
            reports = await opened.upkeep.privacy.delete(user_id)
            result = f"Deleted {reports} reports. If the bot is running, its counts forget them at its next start, "
            result += "or after a day."
    typer.echo(result)
