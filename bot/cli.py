"""The command line. Every command ends with an exit code that tells a supervisor what to do."""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Annotated, Any

import structlog
import typer

from bot import __version__
from bot.app import open_app
from bot.content.services import read_services
from bot.content.words import Vocabulary
from bot.core.chart import Theme
from bot.core.errors import ConfigurationError, InvalidValueError, NotJustYouError, SchemaError, StoreError
from bot.demo.scenario import Scenario
from bot.doctor import examine as look_around
from bot.exits import HELP, Exit, code_of
from bot.lab.replay_reports import ReplayReports, read_minutes
from bot.lab.try_export import ExportTrial
from bot.logs import configure_logging
from bot.pictures.draw import draw
from bot.run import serve, sync_now
from bot.settings import Settings, load_settings, unknown_names
from bot.storage import migrate
from bot.storage.backups import copy_database
from bot.storage.copying import copy_to_postgres
from bot.storage.database import PostgresDatabase, SqliteDatabase, database
from bot.storage.examine import examine
from bot.storage.keys import FILE_NAME, key_of_file
from bot.storage.lock import held
from bot.storage.recovery import restore
from bot.storage.revisions import head_revision, known_revisions
from bot.usecases.services import Services

_log = structlog.get_logger(__name__)

app = typer.Typer(
    name="notjustyou",
    help=f"NotJustYou: the Discord bot that answers “is it just me?”.\n\n{HELP}",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
db = typer.Typer(
    help="The database: bring it up to date, check it, back it up, restore it, move it.", no_args_is_help=True
)
services = typer.Typer(help="The services that are watched.", no_args_is_help=True)
app.add_typer(db, name="db")
app.add_typer(services, name="services")

Command = Callable[..., Any]


def main() -> None:
    """The console script."""
    app()


def _command(work: Callable[..., Coroutine[Any, Any, None] | None]) -> Command:
    """Run a command, its coroutine if it is one, and turn our errors into sentences and exit codes."""

    @wraps(work)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            result = work(*args, **kwargs)
            if result is not None:
                asyncio.run(result)
        except NotJustYouError as error:
            for line in str(error).splitlines():
                typer.echo(f"{line}", err=True)
            raise typer.Exit(code_of(error)) from None

    return wrapped


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - Typer calls it
    if wanted:
        typer.echo(f"NotJustYou {__version__}")
        raise typer.Exit


@app.callback()
def _root(  # pyright: ignore[reportUnusedFunction]
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    del version  # its callback has said it


@app.command("run")
@_command
def run_command() -> None:
    """Run the bot, with settings from the environment and .env."""
    settings = _settings(need_token=True)
    for told in unknown_names():
        _log.warning(f".env: {told}")
    serve(settings)


@app.command("demo")
@_command
def demo_command(
    scenario: Annotated[
        Scenario, typer.Option(help="What happens: an outage that unfolds, or a calm day.")
    ] = Scenario.OUTAGE,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in your browser.")] = True,
    port: Annotated[int, typer.Option(help="The page's port; 0 takes a free one.", min=0, max=65535)] = 0,
    fast: Annotated[bool, typer.Option("--fast", help="Let the story run ten times faster.")] = False,
) -> Coroutine[Any, Any, None]:
    """Try the bot in a local page that looks like Discord: no account, no token, no network."""
    if find_spec("simcord") is None:
        stamp = Path(sys.prefix) / ".demo"
        again = f"; it was, and something took it away since: `rm {stamp}` first" if stamp.exists() else ""
        raise ConfigurationError([f"the demo is not installed: run `make demo`{again}"])
    configure_logging("ERROR", "console", ())
    stage = import_module("bot.demo.stage")
    return stage.play(scenario=scenario, browser=browser, port=port, pace=0.1 if fast else 1.0)


@app.command("doctor")
@_command
def doctor_command(
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask Discord.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check settings, services, database and what Discord grants; says how to mend what is wrong."""
    findings = asyncio.run(look_around(offline=offline))
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        for finding in findings:
            typer.echo(f"{finding.mark} {finding.subject}: {finding.told}")
    wrong = any(finding.state == "fault" for finding in findings)
    raise typer.Exit(Exit.CONFIGURATION if wrong else Exit.OK)


@app.command("sync")
@_command
async def sync_command() -> None:
    """Tell Discord the commands now, also if nothing changed. `run` does it by itself when they changed."""
    settings = _settings(need_token=True)
    assert settings.discord_token is not None, "asked for when the settings were read"
    names = await sync_now(settings, settings.discord_token.get_secret_value())
    typer.echo(f"Synced: {', '.join(names)}")


@app.command("forget")
@_command
async def forget_command(
    user_id: Annotated[int | None, typer.Argument(help="The person's Discord id.", min=1, max=2**63 - 1)] = None,
    server: Annotated[int | None, typer.Option(help="A server's Discord id, instead.", min=1, max=2**63 - 1)] = None,
) -> None:
    """Delete everything kept about a person, as `/privacy` does for them; or about a server, settings included."""
    if (user_id is None) == (server is None):
        raise InvalidValueError("forget", "given either a person's id, or --server and a server's")
    settings = _settings()
    ours = database(settings.database_url)
    if not await asyncio.to_thread(ours.begun):
        raise StoreError(f"there is no database at {ours.name}; is this the bot's folder, and DATABASE_URL the bot's?")
    if settings.reporter_key is None and ours.key_folder is not None and not (ours.key_folder / FILE_NAME).exists():
        raise StoreError(f"there is no {ours.key_folder / FILE_NAME}: without the bot's key nobody can be found")
    async with open_app(settings, jobs=False, decides=False) as opened:
        if server is not None:
            await opened.servers.forget(server)
            told = "Deleted all that was kept of this server. If the bot is running, restart it: it still knows it."
        else:
            assert user_id is not None, "one of both is given"
            reports = await opened.privacy.delete(user_id)
            told = f"Deleted {reports} reports. If the bot is running, its counts forget them at its next start, "
            told += "or after a day."
    typer.echo(told)


@db.command("upgrade")
@_command
def db_upgrade() -> None:
    """Bring the database to this version's schema, after a backup (of SQLite). Not while the bot is running."""
    url = _settings().database_url
    with database(url).reserved():
        state = migrate.upgrade(url)
    typer.echo(f"The database is at {state.current}.")


@db.command("current")
@_command
def db_current() -> None:
    """Show the database's schema and the one this version needs."""
    state = migrate.schema_state(_settings().database_url)
    typer.echo(f"database: {state.current or 'none yet'}; this version: {state.head}")
    if state.current is not None and not state.fits:
        raise typer.Exit(Exit.SCHEMA)


@db.command("backup")
@_command
def db_backup(
    to: Annotated[Path, typer.Argument(help="The file to write.")],
) -> None:
    """Write a consistent copy of the database, also while the bot is running."""
    if to.exists():
        raise StoreError(f"{to} is already there; choose another name")
    copy_database(_file("back PostgreSQL up with `pg_dump --format=custom --file=FILE DATABASE`"), to, live=True)
    typer.echo(f"Written: {to}")


@db.command("check")
@_command
def db_check(
    file: Annotated[Path | None, typer.Argument(help="A backup to check; left out: the database.")] = None,
) -> None:
    """Check every page, index, value and reference of the database or of a backup, also while the bot is running."""
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
    typer.echo(f"{path} is sound: pages, indexes, values and references ({health.seconds:.1f} s).")
    typer.echo(f"schema: {health.revision or 'none'}, {fits}")


@db.command("restore")
@_command
def db_restore(
    file: Annotated[Path, typer.Argument(help="The backup: one of yours, or of backups/ beside the database.")],
) -> None:
    """Put a backup in the place of the database, which is kept beside it. Not while the bot is running."""
    path = _file("stop the bots and restore PostgreSQL with `pg_restore --clean --if-exists --dbname=DATABASE FILE`")
    with held(path):
        before = restore(path, file, time.time())
    typer.echo(f"Restored: {file} is the database {path} now.")
    if before is not None:
        typer.echo(f"What it was before is kept as {before}; delete it when you no longer need it.")


@db.command("copy")
@_command
def db_copy(
    file: Annotated[Path, typer.Argument(help="The SQLite file, such as data/notjustyou.db. It is only read.")],
) -> None:
    """Move to PostgreSQL: copy a SQLite file into the empty database of DATABASE_URL. Not while the bot is running."""
    settings = _settings()
    url = settings.database_url
    if not isinstance(database(url), PostgresDatabase):
        raise InvalidValueError("DATABASE_URL", "the PostgreSQL database to copy into, as the bot will use it")
    if not file.exists():
        raise StoreError(f"there is no file {file}")
    key = key_of_file(settings.reporter_key.get_secret_value() if settings.reporter_key else None, file.parent)
    with held(file):
        counts = copy_to_postgres(file, url, key.fingerprint())
    for table, rows in counts.items():
        typer.echo(f"{table}: {rows:,} rows")
    typer.echo(f"Copied, and counted on both sides: {sum(counts.values()):,} rows. {file} is as it was.")
    if settings.reporter_key is None:
        typer.echo(f"Now set REPORTER_KEY to what is in {file.parent / FILE_NAME}, and start the bot.")


@services.command("list")
@_command
def services_list() -> None:
    """List the services with what is known of each."""
    for service in read_services(_settings().services_dir):
        sources = ", ".join(f"{s.signal} ({s.kind})" for s in service.sources) or "none"
        languages = ", ".join(sorted(service.guides))
        typer.echo(
            f"{service.id}: {service.name}; sources: {sources}; symptoms: {len(service.symptoms)}; guide: {languages}"
        )


@services.command("check")
@_command
def services_check(
    folder: Annotated[Path | None, typer.Argument(help="A folder of services; SERVICES_DIR if left out.")] = None,
) -> None:
    """Check service files: every fault with its file and line."""
    found = read_services(folder or _settings().services_dir)
    typer.echo(f"Fine: {', '.join(service.id for service in found)}")


@app.command("mentions")
@_command
def mentions_command(
    file: Annotated[Path | None, typer.Argument(help="A file of JSON lines; - or left out: standard input.")] = None,
    summary: Annotated[bool, typer.Option("--summary", help="Print counts instead of lines.")] = False,
    service: Annotated[str | None, typer.Option(help="The service it is about; left out: the first.")] = None,
) -> None:
    """Try the mention detector: JSON lines with `text` (and `label`) in, the same with its verdict out.

    Each line gains `mention` (it would be answered), `suggest` (it counts as talk of trouble), `confidence` and `why`.
    With labels ("outage" or "other"), --summary gives precision, recall, F1 and false positives. Nothing is kept.
    """
    watched = Services(read_services(_settings().services_dir))
    detector = Vocabulary.read().detector(watched.find(service), watched)
    trial = ExportTrial()
    with _opened(file) as lines:
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


@app.command("replay")
@_command
def replay_command(
    file: Annotated[Path, typer.Argument(help="A CSV file with the columns minute,reporters,servers; - for stdin.")],
    picture: Annotated[Path | None, typer.Option(help="Also draw it, as a PNG file.")] = None,
    light: Annotated[bool, typer.Option("--light", help="Draw on white instead of dark.")] = False,
) -> None:
    """See what the bot would have said: each change of level as a JSON line.

    `minute` counts from the epoch (minutes that are left out are zeros), `reporters` are the people newly counted in
    it, `servers` those with a counted report in the 15 minutes up to it.
    """
    try:
        with _opened(file) as given:
            lines = given.read().decode("utf-8-sig").splitlines()
    except UnicodeError as error:
        raise InvalidValueError("FILE", f"a text file in UTF-8 ({file})") from error
    replay = ReplayReports(read_minutes(lines))
    for turn in replay.turns():
        typer.echo(json.dumps(turn.document()))
    if picture is not None:
        try:
            picture.write_bytes(draw(replay.chart(), Theme.LIGHT if light else Theme.DARK))
        except OSError as error:
            raise InvalidValueError("--picture", f"a file that can be written ({error.strerror}: {picture})") from error


def _opened(file: Path | None) -> AbstractContextManager[IO[bytes]]:
    """A file to read, or standard input for - or nothing. Raises InvalidValueError."""
    if file is None or str(file) == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return file.open("rb")
    except OSError as error:
        raise InvalidValueError("FILE", f"a text file that can be read ({type(error).__name__}: {file})") from error


def _file(instead: str) -> Path:
    """The SQLite file of the settings. Raises InvalidValueError with what to do `instead` where it is none."""
    ours = database(_settings().database_url)
    if not isinstance(ours, SqliteDatabase):
        raise InvalidValueError("DATABASE_URL", f"a SQLite file for this command; {instead}")
    return ours.path


def _settings(*, need_token: bool = False) -> Settings:
    """The settings, with logging set up as they say. Raises ConfigurationError."""
    settings = load_settings(need_token=need_token)
    configure_logging(settings.log_level, settings.log_format, settings.secrets)
    return settings
