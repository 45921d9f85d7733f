"""Migrations, with a backup first. The start of the bot and the command line use the same function.

Do not call it on an event loop's thread, because PostgreSQL needs its own loop here: use `asyncio.to_thread`.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, inspect, text

from bot.core.errors import SchemaError
from bot.storage.database import database
from bot.storage.revisions import head_revision, known_revisions

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SchemaState:
    """The database's revision, and the revision that this version of the bot needs."""

    current: str | None
    head: str
    known: bool = True
    """Whether this version of the bot knows the database's revision and can migrate it."""

    @property
    def fits(self) -> bool:
        """Whether the bot can use the database without migrating it."""
        return self.current == self.head


def schema_state(url: str) -> SchemaState:
    """Read the database's revision; a new database has none. Raises StoreError."""
    head, asked = head_revision(), database(url)
    if not asked.begun():
        return SchemaState(None, head)
    current = asked.transaction(_revision)
    return SchemaState(current, head, known=current is None or current in known_revisions())


def log_step(number: int, of: int, name: str) -> None:
    """Log the beginning of a step."""
    _logger.info("migrating the database", extra={"step": f"{number} of {of}", "what": name})


def upgrade(url: str, now: float | None = None, begins: Callable[[int, int, str], None] = log_step) -> SchemaState:
    """Migrate the database to the newest revision, after a backup if it has data.

    `begins` is called before each step with its number, the number of steps, and its name. With millions of reports, a
    step can take minutes. Raises SchemaError if a newer version of the bot or another program wrote it, StoreError if
    it cannot be written.
    """
    ours = database(url)
    ours.prepare()
    state = schema_state(url)
    if state.current is None:
        tables = ours.transaction(lambda connection: inspect(connection).get_table_names())
        # Read again, because another process may have migrated it just now.
        if tables and (state := schema_state(url)).current is None:
            raise SchemaError(
                f"{ours.name} is another program's database (it has a table {tables[0]!r} and no schema of ours); "
                "set DATABASE_URL to another one"
            )
    if state.fits:
        return state
    if not state.known:
        raise SchemaError(
            f"the database has schema {state.current}, which this version of the bot does not know; "
            "run the version that wrote it, or restore a backup"
        )
    if state.current is not None:
        ours.before_migration(state.current, time.time() if now is None else now)

    from bot.storage.run_migrations import run_migrations  # noqa: PLC0415 - loads Alembic

    ours.transaction(partial(run_migrations, begins=begins), migrating=True)
    _logger.info("database migrated", extra={"before": state.current or "new", "after": state.head})
    return schema_state(url)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
