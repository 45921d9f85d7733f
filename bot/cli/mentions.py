"""`notjustyou mentions`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.configured import configured
from bot.cli.shared import command, command_app, opened
from bot.content.services import read_services, services_on
from bot.content.words import Vocabulary
from bot.exits import Exit
from bot.lab.try_export import ExportTrial
from bot.usecases.services import Services

app = command_app()


@app.command()
@command
def mentions(
    file: Annotated[Path | None, typer.Argument(help="A file of JSON lines; - or left out: standard input.")] = None,
    summary: Annotated[bool, typer.Option("--summary", help="Print counts instead of lines.")] = False,
    service: Annotated[str | None, typer.Option(help="The service it is about; left out: the first.")] = None,
) -> None:
    """Try the mention detector: reads JSON lines with `text` (and `label`), writes them with its verdict.

    Each line gains `mention` (it would be answered), `suggest` (it counts as talk of trouble), `confidence` and `why`.
    With labels ("outage" or "other"), --summary gives precision, recall, F1 and false positives. Nothing is kept.
    """
    folder = configured().services_dir
    chosen = Services(read_services(folder)).find(service)
    detector = Vocabulary.read().detector(chosen, services_on(folder))
    trial = ExportTrial()
    with opened(file) as lines:
        for row in trial.run(lines, detector):
            if not summary:
                sys.stdout.buffer.write(row)
    sys.stdout.buffer.flush()
    if summary:
        typer.echo(trial.summary())
    for fault in trial.faults:
        typer.echo(fault, err=True)
    if trial.unread > len(trial.faults):
        typer.echo(f"and {trial.unread - len(trial.faults)} more lines", err=True)
    if trial.unread:
        raise typer.Exit(Exit.USAGE)
