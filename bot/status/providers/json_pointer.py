"""Any JSON, for operators: a JSON Pointer (RFC 6901) to one value, and the meaning of each value."""

from collections.abc import Sequence
from typing import Any

from jsonpointer import JsonPointer, JsonPointerException

from bot.core.service import Source
from bot.core.signals import State
from bot.status.answers import text
from bot.status.page import OfficialPage, Overall


def urls(source: Source) -> tuple[str, ...]:
    """The address itself."""
    return (source.url,)


def fits(_document: Any) -> bool:
    """Never, because a document does not show which of its values matters."""
    return False


def may_be(_document: Any) -> bool:
    """Always, because `page` finds out whether the value exists."""
    return True


def page(source: Source, documents: Sequence[Any], _at: float) -> OfficialPage | None:
    """The page, or None if the document has no such value."""
    try:
        found: Any = JsonPointer(source.pointer).resolve(documents[0])
    except (JsonPointerException, TypeError, ValueError):  # ValueError: a name such as "0x" where a list is
        return None
    if found is not None and not isinstance(found, str | int | float):
        return None  # a list, an object, or the end of a list ("-"), which has no value
    word = text(_word(found), 100)
    state = next((state for state, words in source.states.items() if word.casefold() in words), State.UNKNOWN)
    return OfficialPage(Overall(state, word, word))


def _word(value: Any) -> str:
    """A value as the service file writes it: `true`, not Python's `True`; and `1` for 1.0, the same number."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()
