"""Custom ids: the whole state of a button, menu or form, so that it still works after a restart.

`n1:<action>[:<argument>...]` - `n1` is the version. A custom id comes from the client and cannot be trusted:
handlers check every argument and every permission again.
"""

import re
from dataclasses import dataclass

ID_VERSION = "n1"
MAX_CUSTOM_ID = 100
_PART = re.compile(r"[A-Za-z0-9_.-]{1,40}")


@dataclass(frozen=True, slots=True)
class Press:
    """The action and its arguments of a button, menu or form."""

    action: str
    args: tuple[str, ...] = ()


def pack(action: str, *args: str) -> str:
    """The custom id of an action. Raises ValueError if it could not be unpacked again."""
    for part in (action, *args):
        if not _PART.fullmatch(part):
            raise ValueError(f"{part!r} cannot be part of a custom id")
    packed = ":".join((ID_VERSION, action, *args))
    if len(packed) > MAX_CUSTOM_ID:
        raise ValueError(f"a custom id has at most {MAX_CUSTOM_ID} characters")
    return packed


def unpack(custom_id: str) -> Press | None:
    """The press of a custom id, or None if the id is not of this version."""
    version, *parts = custom_id.split(":")
    if version != ID_VERSION or not parts or not all(_PART.fullmatch(part) for part in parts):
        return None
    return Press(parts[0], tuple(parts[1:]))
