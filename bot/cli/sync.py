"""`notjustyou sync`."""

import click

from bot.cli.configured import configured
from bot.cli.shared import command
from bot.run import sync_now


@click.command()
@command
async def app() -> None:
    """Send the commands to Discord now, even if nothing changed. `run` does this automatically on changes."""
    settings = configured(need_token=True)
    assert settings.discord_token is not None, "checked when the settings were read"
    names = await sync_now(settings, settings.discord_token)
    click.echo(f"Synced: {', '.join(names)}")
