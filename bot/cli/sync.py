"""`notjustyou sync`."""

import typer

from bot.cli.configured import configured
from bot.cli.shared import command, command_app
from bot.run import sync_now

app = command_app()


@app.command()
@command
async def sync() -> None:
    """Send the commands to Discord now, even if nothing changed. `run` does it by itself when they change."""
    settings = configured(need_token=True)
    assert settings.discord_token is not None, "checked when the settings were read"
    names = await sync_now(settings, settings.discord_token)
    typer.echo(f"Synced: {', '.join(names)}")
