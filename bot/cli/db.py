"""`notjustyou db`: commands for the database."""

import sys
import time
from pathlib import Path

import click

from bot.cli.configured import configured
from bot.cli.groups import Group
from bot.cli.progress import progress
from bot.cli.shared import FILE, command
from bot.core.errors import InvalidValueError, SchemaError, StoreError
from bot.exits import Exit
from bot.storage import migrate, recovery
from bot.storage.backups import copy_database
from bot.storage.copying import copy_to_postgres
from bot.storage.database import SqliteDatabase, database
from bot.storage.examine import examine
from bot.storage.keys import FILE_NAME, key_of_file, reporter_key
from bot.storage.lock import held
from bot.storage.revisions import head_revision, known_revisions


@click.group(cls=Group, no_args_is_help=True)
def app() -> None:
    """The database: upgrade, check, back up, restore or move it."""


@app.command()
@command
def upgrade() -> None:
    """Upgrade the database to this version's schema, after a backup (of SQLite). Not while the bot is running."""
    settings = configured()
    ours = database(settings.database_url)
    with ours.reserved():
        if ours.key_folder is not None and not ours.begun():
            # Create the key first, as `run` does, because a database without a key looks as if the key had been lost.
            reporter_key(settings.reporter_key, ours.key_folder)
        begins = _say_step if sys.stderr.isatty() else migrate.log_step
        state = migrate.upgrade(settings.database_url, begins=begins)
    click.echo(f"The database is at {state.current}.")


def _say_step(number: int, of: int, name: str) -> None:
    click.echo(f"Migrating, step {number} of {of}: {name}", err=True)


@app.command()
@command
def current() -> None:
    """Show the database's schema and the one this version needs."""
    state = migrate.schema_state(configured().database_url)
    click.echo(f"database: {state.current or 'none yet'}; this version: {state.head}")
    if state.current is not None and not state.fits:
        raise click.exceptions.Exit(Exit.SCHEMA)


@app.command()
@click.argument("to", type=FILE, help="The file to write.")
@command
def backup(to: Path) -> None:
    """Write a consistent copy of the database, even while the bot is running."""
    if to.exists():
        raise StoreError(f"{to} is already there; choose another name")
    copy_database(_file("back PostgreSQL up with `pg_dump --format=custom --file=FILE DATABASE`"), to, live=True)
    click.echo(f"Written: {to}")


@app.command()
@click.argument("file", type=FILE, required=False, help="A backup to check; the default is the database.")
@command
def check(file: Path | None) -> None:
    """Check every page, index, value and reference of the database or a backup, even while the bot is running."""
    path = file or _file("check PostgreSQL with `pg_amcheck DATABASE`, and what `doctor` says")
    if not path.exists():
        raise StoreError(f"there is no database at {path}")
    health = examine(path, live=file is None)
    if health.damage:
        raise StoreError("\n".join([f"{path} is damaged:", *health.damage]))
    if health.revision is None:
        raise StoreError(f"{path} is no database of this bot, or an empty one")
    if health.revision not in known_revisions():
        raise SchemaError(f"{path} is sound, and has schema {health.revision}, which this version does not know")
    needed = head_revision()
    fits = "as this version needs" if health.revision == needed else f"this version needs {needed}"
    click.echo(f"{path} is sound: pages, indexes, values and references ({health.seconds:.1f} s).")
    click.echo(f"schema: {health.revision or 'none'}, {fits}")


@app.command()
@click.argument("file", type=FILE, help="The backup: one of yours, or one from backups/ next to the database.")
@command
def restore(file: Path) -> None:
    """Replace the database with a backup; the old file is kept next to it. Not while the bot is running."""
    path = _file("stop the bots and restore PostgreSQL with `pg_restore --clean --if-exists --dbname=DATABASE FILE`")
    with held(path):
        before = recovery.restore(path, file, time.time())
    click.echo(f"Restored: {file} is now the database {path}.")
    if before is not None:
        click.echo(f"The old database is kept as {before}; delete it when you no longer need it.")


@app.command()
@click.argument("file", type=FILE, help="The SQLite file, such as data/notjustyou.db. It is only read.")
@command
def copy(file: Path) -> None:
    """Move to PostgreSQL: copy a SQLite file into the empty database of DATABASE_URL. Not while the bot is running."""
    settings = configured()
    url = settings.database_url
    if isinstance(database(url), SqliteDatabase):
        raise InvalidValueError("DATABASE_URL", "the PostgreSQL database to copy into, as the bot will use it")
    if not file.exists():
        raise StoreError(f"there is no file {file}")
    key = key_of_file(settings.reporter_key, file.parent)
    with held(file), progress("Copying rows", sys.stderr) as advance:
        counts = copy_to_postgres(file, url, key.fingerprint(), advance)
    for table, rows in counts.items():
        click.echo(f"{table}: {rows:,} rows")
    click.echo(f"Copied and verified on both sides: {sum(counts.values()):,} rows. {file} is unchanged.")
    if settings.reporter_key is None:
        click.echo(f"Now set REPORTER_KEY to the content of {file.parent / FILE_NAME}, and start the bot.")


def _file(instead: str) -> Path:
    """The SQLite file of the settings. For another database, raises InvalidValueError with what to do `instead`."""
    ours = database(configured().database_url)
    if not isinstance(ours, SqliteDatabase):
        raise InvalidValueError("DATABASE_URL", f"a SQLite file for this command; {instead}")
    return ours.path
