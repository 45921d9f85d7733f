"""One bot per database: a lock file beside it is locked while a bot runs or a backup is restored.

The kernel releases the lock when the process ends in any way, so a killed bot leaves nothing to clean up. Commands
that only read, or write through SQLite (`db backup`, `db check`, `forget`), do not need the lock.
"""

import fcntl
import logging
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bot.core.errors import StoreError
from bot.storage.engine import prepare_folder

_logger = logging.getLogger(__name__)


@contextmanager
def held(path: Path) -> Generator[None]:
    """Hold the lock of the database at `path`. Raises StoreError if another process has it."""
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
            # Some network file systems have no locks. There a second bot cannot be detected, but one bot can work.
            _logger.warning(
                "database file cannot be locked; a second bot would not be detected",
                extra={"file": str(name), "error": error.strerror},
            )
        yield
    finally:
        os.close(descriptor)
