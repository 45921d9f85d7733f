"""The reporter key's file: created on the first run beside the database, readable by this user only."""

import logging
import os
from pathlib import Path

from bot.core.errors import ConfigurationError, StoreError
from bot.core.privacy import KEY_BYTES, ReporterKey, new_key
from bot.storage.engine import narrow
from bot.storage.stores import SqlMeta

ANOTHER = (
    "REPORTER_KEY is not the key that the reporters in this database are made with; give every process of the bot the "
    "same one, which the database cannot tell"
)
_logger = logging.getLogger(__name__)
FILE_NAME = "reporter.key"
FINGERPRINT = "reporter_key"
"""The key in `meta` with the fingerprint of the reporter key of a shared database."""


def reporter_key(given: str | None, folder: Path | None) -> ReporterKey:
    """The key that the operator gave (hex), or the one in `folder`, which is created if it is missing.

    Raises ConfigurationError if the file is damaged, because a new key would silently count everyone as a new person;
    also without a folder, because several processes may share the database.
    """
    if folder is not None:
        narrow(folder / FILE_NAME)
    if given is not None:
        return ReporterKey(bytes.fromhex(given))
    if folder is None:
        message = (
            "REPORTER_KEY is not set; with PostgreSQL give every process of the bot the same 64 hex digits, so that"
        )
        raise ConfigurationError([f"{message} all of them hash a person to the same reporter"])
    path = folder / FILE_NAME
    try:
        if not path.exists():
            if any(folder.glob("*.db")):
                _logger.warning(
                    "reporter key missing; created a new one: everyone counts as a new person; "
                    "restore it if you have a backup",
                    extra={"file": str(path)},
                )
            _write_once(path, new_key())
        key = bytes.fromhex(path.read_text("ascii").strip())
    except (ValueError, UnicodeDecodeError):
        key = b""
    except OSError as error:
        raise StoreError(f"the reporter key {path} cannot be used: {error.strerror}") from error
    if len(key) != KEY_BYTES:
        raise ConfigurationError(
            [f"{path}: should hold 64 hex digits; restore it from a backup, or delete it to start with a new key"]
        )
    return ReporterKey(key)


def key_of_file(given: str | None, folder: Path) -> ReporterKey:
    """The key that hashed the reporters in a SQLite file in `folder`. It is never created here.

    Raises ConfigurationError if it is missing, or if another one was given (hex).
    """
    exists = (folder / FILE_NAME).exists()
    if given is None and not exists:
        message = (
            f"REPORTER_KEY is not set, and there is no {folder / FILE_NAME}; without the key of the file's reporters,"
        )
        raise ConfigurationError([f"{message} the bot would recognise nobody in the copy"])
    key = reporter_key(None if exists else given, folder)
    if given is not None and ReporterKey(bytes.fromhex(given)).fingerprint() != key.fingerprint():
        message = f"REPORTER_KEY is another key than {folder / FILE_NAME}, which the file's reporters were hashed with"
        raise ConfigurationError(
            [f"{message}; set REPORTER_KEY to that one, or move the file away if it was not in use"]
        )
    return key


async def must_be_the_key(key: ReporterKey, meta: SqlMeta) -> None:
    """Refuse a key that differs from that of the shared database's other processes; the first process stores its own.

    Raises ConfigurationError, StoreError.
    """
    if await meta.settle(FINGERPRINT, key.fingerprint()) != key.fingerprint():
        raise ConfigurationError([ANOTHER])


def _write_once(path: Path, key: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
