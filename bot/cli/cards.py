"""Shows the cards of a service in a terminal."""

from collections.abc import Sequence

import click

from bot.content.texts import Catalogues
from bot.core.service import Service
from bot.core.signals import Reading
from bot.discord_ui.render.examples import example_cards


def show_cards(service: Service, at: float, readings: Sequence[Reading] = (), language: str = "en") -> None:
    """Print each card. Numbers and the outage are invented; the sources' readings are real."""
    for title, text in example_cards(Catalogues.read().texts(language), service, at, readings):
        click.echo(f"\n── {title} " + "─" * max(3, 76 - len(title)))
        click.echo("".join(one if one.isprintable() or one == "\n" else " " for one in text))
