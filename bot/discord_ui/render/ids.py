"""Custom ids: the whole state of a button, menu or form, so that it still works after a restart.

`n1:<action>[:<argument>...]` - `n1` is the version. A custom id comes from the client and proves nothing:
handlers check every argument and every right again.
"""

import re
from dataclasses import dataclass

VERSION = "n1"
MAX_LENGTH = 100
_PART = re.compile(r"[A-Za-z0-9_.-]{1,40}")


@dataclass(frozen=True, slots=True)
class Press:
    """What was pressed, chosen or sent: an action and its arguments."""

    action: str
    args: tuple[str, ...] = ()


def pack(action: str, *args: str) -> str:
    """The custom id of an action. Raises ValueError for parts that would not come back whole."""
    for part in (action, *args):
        if not _PART.fullmatch(part):
            raise ValueError(f"{part!r} cannot be part of a custom id")
    packed = ":".join((VERSION, action, *args))
    if len(packed) > MAX_LENGTH:
        raise ValueError(f"a custom id has at most {MAX_LENGTH} characters")
    return packed


def unpack(custom_id: str) -> Press | None:
    """The press behind a custom id, or None if it is not one of this version's."""
    version, *parts = custom_id.split(":")
    if version != VERSION or not parts or not all(_PART.fullmatch(part) for part in parts):
        return None
    return Press(parts[0], tuple(parts[1:]))
