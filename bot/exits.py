"""Exit codes: they tell a supervisor why a command ended."""

from enum import IntEnum

from bot.core.errors import (
    ConfigurationError,
    DiscordRefusedError,
    DiscordUnreachableError,
    InvalidValueError,
    NotJustYouError,
    OutdatedError,
    SchemaError,
    StoreError,
    UnknownServiceError,
)


class Exit(IntEnum):
    """Exit codes, after sysexits.h. A supervisor should not restart after 2, 65, 70, 77 and 78."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    SCHEMA = 65
    UNREACHABLE = 69
    OUTDATED = 70
    STORE = 74
    REFUSED = 77
    CONFIGURATION = 78


HELP = (
    "Exit codes: 0 success, 1 an unexpected error, 2 wrong usage, 65 the database is of another version, 69 Discord "
    "cannot be reached, 70 Discord no longer supports this version, 74 the database cannot be used, 77 "
    "Discord refused the token, 78 the configuration is wrong. After 2, 65, 70, 77 and 78 a restart will not help."
)

_CODES: tuple[tuple[type[NotJustYouError], Exit], ...] = (
    (ConfigurationError, Exit.CONFIGURATION),
    (SchemaError, Exit.SCHEMA),
    (UnknownServiceError, Exit.USAGE),
    (InvalidValueError, Exit.USAGE),
    (StoreError, Exit.STORE),
    (DiscordRefusedError, Exit.REFUSED),
    (DiscordUnreachableError, Exit.UNREACHABLE),
    (OutdatedError, Exit.OUTDATED),
)


def code_of(error: NotJustYouError) -> Exit:
    """The exit code of a command that ends with this error."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), Exit.UNEXPECTED)
