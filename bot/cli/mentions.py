"""`notjustyou mentions`."""

import sys
from pathlib import Path

import click

from bot.cli.configured import configured
from bot.cli.shared import FILE, command, opened
from bot.content.services import open_services
from bot.content.words import Vocabulary
from bot.exits import Exit
from bot.lab.try_export import ExportTrial


@click.command()
@click.argument("file", type=FILE, required=False, help="A file of JSON lines; - or none reads standard input.")
@click.option("--summary", is_flag=True, help="Print counts instead of lines.")
@click.option("--service", help="The service it is about; the default is the first.")
@command
def app(file: Path | None, *, summary: bool, service: str | None) -> None:
    """Try the mention detector: reads JSON lines with `text` (and `label`), adds its result to each line.

    Each line gets `mention` (it would be answered), `suggest` (it counts as talk of trouble), `confidence` and `why`.
    With labels ("outage" or "other"), --summary gives precision, recall, F1 and false positives. Nothing is kept.
    """
    services = open_services(configured().services_dir)
    held = list(services)
    detector = Vocabulary.read().detector(services.find(service), held)
    trial = ExportTrial()
    with opened(file) as lines:
        for row in trial.run(lines, detector):
            if not summary:
                sys.stdout.buffer.write(row)
    sys.stdout.buffer.flush()
    if summary:
        click.echo(trial.summary())
    for fault in trial.faults:
        click.echo(fault, err=True)
    if trial.unread > len(trial.faults):
        click.echo(f"and {trial.unread - len(trial.faults)} more lines", err=True)
    if trial.unread:
        raise click.exceptions.Exit(Exit.USAGE)
