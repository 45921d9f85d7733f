"""Save an object's plain attributes to JSON and load them again after a restart; invalid values are refused."""

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any, cast


def save(part: object, names: Iterable[str]) -> dict[str, Any]:
    """The named attributes: numbers, booleans and lists of numbers; lists are copied."""
    values = {name: getattr(part, name) for name in names}
    return {name: [*cast("list[Any]", value)] if isinstance(value, list) else value for name, value in values.items()}


def load(part: object, names: Iterable[str], state: Mapping[str, Any]) -> None:
    """Set the named attributes. Raises ValueError unless each has the type and length of the current value."""
    for name in names:
        setattr(part, name, _like(getattr(part, name), state[name]))


def numbers(values: Any, count: int) -> list[float]:
    """A list of `count` finite numbers, else ValueError."""
    listed = cast("list[Any]", values) if isinstance(values, list) else []
    if len(listed) != count:
        raise ValueError(f"not a list of {count} numbers")
    return [_number(value) for value in listed]


def _like(now: Any, value: Any) -> Any:
    if isinstance(now, list):
        return numbers(value, len(cast("list[Any]", now)))
    if isinstance(now, bool) and isinstance(value, bool):
        return value
    return _number(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not (isinstance(value, int | float) and isfinite(value)):
        raise ValueError("not a finite number")
    return value
