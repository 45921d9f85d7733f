"""`notjustyou replay`."""

import json
from io import StringIO
from pathlib import Path

import click

from bot.cli.shared import FILE, command, opened
from bot.core.chart import Theme
from bot.core.errors import InvalidValueError
from bot.lab.replay_reports import ReplayReports, read_minutes
from bot.pictures.lazy import draw


@click.command()
@click.argument("file", type=FILE, help="A CSV file with the columns minute,reporters,servers and more; - for stdin.")
@click.option("--picture", type=FILE, help="Also draw it, as a PNG file.")
@click.option("--light", is_flag=True, help="Draw on white instead of dark.")
@click.option("--edits", is_flag=True, help="Also print minutes in which only numbers are edited.")
@command
def app(file: Path, picture: Path | None, *, light: bool, edits: bool) -> None:
    """See what the bot would have posted: prints each change as a JSON line.

    `minute` counts from the epoch (missing minutes have no reports), `reporters` are the people newly counted in it,
    `servers` are those with a counted report in the 15 minutes up to it. Optional columns: `official` and `probe` (up,
    degraded, down, maintenance, unknown or gone), `incident` (the title of the official page's open incident; without
    `official`, the page is degraded while there is one) and `talk` (people who mentioned trouble in the last 15 minutes
    without reporting it).

    A line has the level, the phase of the outage, and the posts to one server that wants all of them: announce, edit,
    ping (its role), remind, call (its subscribers), close and reopen (its thread).
    """
    try:
        with opened(file) as given:
            lines = StringIO(given.read().decode("utf-8-sig"), newline="")
    except UnicodeError as error:
        raise InvalidValueError("FILE", f"a text file in UTF-8 ({file})") from error
    replay = ReplayReports(read_minutes(lines))
    said = False
    for change in replay.changes(edits=edits):
        click.echo(json.dumps(change.document()))
        said = True
    if not said:
        click.echo("The bot would have posted nothing.", err=True)
    if picture is not None:
        try:
            picture.write_bytes(draw(replay.chart(), Theme.LIGHT if light else Theme.DARK))
        except OSError as error:
            raise InvalidValueError("--picture", f"a file that can be written ({error.strerror}: {picture})") from error
