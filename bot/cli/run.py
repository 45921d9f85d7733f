"""`notjustyou run`."""

import logging

import click

from bot.cli.configured import configured
from bot.cli.shared import command
from bot.run import serve
from bot.settings import unknown_names

_logger = logging.getLogger(__name__)


@click.command()
@command
def app() -> None:
    """Run the bot, with settings from the environment and .env."""
    settings = configured(need_token=True)
    for warning in unknown_names():
        _logger.warning(".env: %s", warning)
    serve(settings)
