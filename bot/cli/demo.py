"""`notjustyou demo`."""

import sys
from collections.abc import Coroutine
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.shared import command, command_app
from bot.core.errors import ConfigurationError
from bot.demo.scenario import Scenario
from bot.logs import configure_logging
from bot.settings import how_to_install

app = command_app()


@app.command()
@command
def demo(
    scenario: Annotated[
        Scenario, typer.Option(help="What happens: an outage that unfolds, or a calm day.")
    ] = Scenario.OUTAGE,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in your browser.")] = True,
    port: Annotated[int, typer.Option(help="The page's port; 0 takes a free one.", min=0, max=65535)] = 0,
    fast: Annotated[bool, typer.Option("--fast", help="Run the story ten times faster.")] = False,
) -> Coroutine[Any, Any, None]:
    """Try the bot in a local page that looks like Discord: no account, no token, no network."""
    if find_spec("simcord") is None:
        stamp = Path(sys.prefix) / ".demo"
        again = f"; it was installed before, but was removed since: `rm {stamp}` first" if stamp.exists() else ""
        raise ConfigurationError([f"the demo is not installed: run {how_to_install('demo')}{again}"])
    configure_logging("ERROR", "console", ())
    typer.echo("Starting the demo, which takes a few seconds...")
    stage = import_module("bot.demo.stage")
    return stage.play(scenario=scenario, browser=browser, port=port, pace=0.1 if fast else 1.0)
