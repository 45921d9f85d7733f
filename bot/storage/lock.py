"""One bot a database: a lock file beside it, held while a bot runs or a backup is put in its place.

The kernel lets go of it when the process ends, however it ends, so a killed bot leaves nothing that must be
cleared away. Commands that only look or write through SQLite (`db backup`, `db check`, `forget`) do without.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import structlog

from bot.core.errors import StoreError
from bot.storage.engine import prepare_folder

_log = structlog.get_logger(__name__)


@contextmanager
def held(path: Path) -> Generator[None]:
    """Be the only one on the database at `path`. Raises StoreError when another is."""
    path = path.resolve()
    prepare_folder(path)
    name = path.with_name(f"{path.name}.lock")
    try:
        descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"the lock file {name} cannot be opened: {error.strerror}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(
                f"another bot is running on {path}; stop it first, or give this one its own DATABASE_URL"
            ) from None
        except OSError as error:
            # Some network file systems know no locks. Two bots cannot be told from one there, but one can work.
            _log.warning("the database cannot be locked for one bot alone", file=str(name), error=error.strerror)
        yield
    finally:
        os.close(descriptor)
