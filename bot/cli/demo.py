"""`notjustyou demo`."""

import sys
from collections.abc import Coroutine
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from bot.cli.shared import command
from bot.core.errors import ConfigurationError
from bot.demo.scenario import Scenario
from bot.env_file import how_to_install
from bot.logs import configure_logging


@click.command()
@click.option(
    "--scenario",
    type=click.Choice([scenario.value for scenario in Scenario]),
    default=Scenario.OUTAGE.value,
    show_default=True,
    help="The story: an outage that unfolds, or a calm day.",
)
@click.option("--browser/--no-browser", default=True, show_default=True, help="Open the page in your browser.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="The page's port; 0 picks a free one.",
)
@click.option("--fast", is_flag=True, help="Run the story ten times faster.")
@command
def app(*, scenario: str, browser: bool, port: int, fast: bool) -> Coroutine[Any, Any, None]:
    """Try the bot in a local page that looks like Discord: no account, no token, no network."""
    if find_spec("simcord") is None:
        stamp = Path(sys.prefix) / ".demo"
        again = f"; it was installed before, but was removed since: `rm {stamp}` first" if stamp.exists() else ""
        raise ConfigurationError([f"the demo is not installed: run {how_to_install('demo')}{again}"])
    configure_logging("ERROR", "console", ())
    click.echo("Starting the demo, which takes a few seconds...")
    stage = import_module("bot.demo.stage")
    return stage.play(scenario=Scenario(scenario), browser=browser, port=port, pace=0.1 if fast else 1.0)
