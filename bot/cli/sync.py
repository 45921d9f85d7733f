"""`notjustyou sync`."""

import typer

from bot.cli.configured import configured
from bot.cli.shared import command, command_app
from bot.run import sync_now

app = command_app()


@app.command()
@command
async def sync() -> None:
    """Tell Discord the commands now, also if nothing changed. `run` does it by itself when they changed."""
    settings = configured(need_token=True)
    assert settings.discord_token is not None, "asked for when the settings were read"
    names = await sync_now(settings, settings.discord_token.get_secret_value())
    typer.echo(f"Synced: {', '.join(names)}")
