"""The reporter key's file: made on the first run, readable by nobody else, kept beside the database."""

import os
from pathlib import Path

import structlog

from bot.core.errors import ConfigurationError, StoreError
from bot.core.privacy import KEY_BYTES, ReporterKey, new_key
from bot.storage.engine import narrow
from bot.storage.stores import SqlMeta

ANOTHER = (
    "REPORTER_KEY is not the key that the reporters in this database are made with; give every process of the bot the "
    "same one, which the database cannot tell"
)
_log = structlog.get_logger(__name__)
FILE_NAME = "reporter.key"
FINGERPRINT = "reporter_key"
"""The name of the fact (`meta`) that tells which key the reporters of a shared database are made with."""


def reporter_key(given: str | None, folder: Path | None) -> ReporterKey:
    """The key an operator gave (hex), or the one in `folder`, made if it is not there.

    Raises ConfigurationError for a damaged file: a new key would count everybody anew, silently; and where there is
    no folder, because the database is not ours alone.
    """
    if folder is not None:
        narrow(folder / FILE_NAME)
    if given is not None:
        return ReporterKey(bytes.fromhex(given))
    if folder is None:
        told = "REPORTER_KEY is not set; with PostgreSQL it should be the same 64 hex digits for every process of the"
        raise ConfigurationError([f"{told} bot, which must all turn a person into the same reporter"])
    path = folder / FILE_NAME
    try:
        if not path.exists():
            if any(folder.glob("*.db")):
                _log.warning(
                    "the reporter key is not there and is made anew: everybody is counted as somebody new; "
                    "restore it if you have a backup",
                    file=str(path),
                )
            _write_once(path, new_key())
        key = bytes.fromhex(path.read_text("ascii").strip())
    except (ValueError, UnicodeDecodeError):
        key = b""
    except OSError as error:
        raise StoreError(f"the reporter key {path} cannot be used: {error.strerror}") from error
    if len(key) != KEY_BYTES:
        raise ConfigurationError(
            [f"{path}: should hold 64 hex digits; restore it from a backup, or delete it to begin anew"]
        )
    return ReporterKey(key)


def key_of_file(given: str | None, folder: Path) -> ReporterKey:
    """The key that the reporters of a SQLite file in `folder` are made with; never made anew.

    Raises ConfigurationError if there is none, or the one that was given (hex) is another.
    """
    there = (folder / FILE_NAME).exists()
    if given is None and not there:
        told = f"REPORTER_KEY is not set, and there is no {folder / FILE_NAME}; without the key that its reporters are"
        raise ConfigurationError([f"{told} made with, everybody in the copy would be nobody"])
    key = reporter_key(None if there else given, folder)
    if given is not None and ReporterKey(bytes.fromhex(given)).fingerprint() != key.fingerprint():
        told = f"REPORTER_KEY is another key than {folder / FILE_NAME}, which the file's reporters are made with"
        raise ConfigurationError([f"{told}; give that one, or move it away if it was not in use"])
    return key


async def must_be_the_key(key: ReporterKey, meta: SqlMeta) -> None:
    """Refuse to work on a shared database with another key than its other processes; the first one's is kept.

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
