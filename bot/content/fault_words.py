"""What is wrong with a value of a file, in plain words: what it should be, instead of what a library calls it."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import UnionType
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

_EXAMPLES: Mapping[str, str] = {
    "name": 'name = "Examplia"',
    "words": 'words = ["examplia", "examplia app"]',
    "links": "[links] with website and support",
    "website": 'website = "https://example.org"',
    "support": 'support = "https://example.org/support"',
    "url": 'url = "https://status.example.org"',
    "symptoms": '[symptoms] with lines such as login = "Cannot log in"',
    "error": 'error = "Internal server error (500)"',
    "meaning": 'meaning = "What the error means."',
    "causes": 'causes = ["A fault on their side."]',
    "steps": "[[steps]] with title, do and reason, once for each step",
    "title": 'title = "Wait a little"',
    "do": 'do = "Wait 5 minutes, then try again."',
    "reason": 'reason = "An overload often settles by itself."',
    "contact": 'contact = "If it stays, write to support."',
    "summary": 'summary = "Wait, reload, write to support."',
}
_A_LIST = '["one", "two"]'
_SHOULD_BE: Mapping[str, str] = {
    "string_type": "should be a text in quotes",
    "list_type": "should be a list: {example}",
    "dict_type": "should be a table: a line [{member}] with its members below",
    "model_type": "should be a table: a line [{member}] with its members below",
    "string_too_short": "should not be empty",
    "string_too_long": "should have at most {max_length} characters, and has {length}",
}


def told(model: type[BaseModel], fault: ErrorDetails) -> str:
    """The sentence for a fault that Pydantic has found in a file of this model."""
    kind, path, value = fault["type"], fault["loc"], fault["input"]
    limits = fault.get("ctx", {})
    member = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        return "there is no such member" + _instead(member, _members(model, path[:-1]))
    if kind == "missing":
        return "is missing" + (f"; add {_EXAMPLES[member]}" if member in _EXAMPLES else "")
    if kind == "too_short":
        return "should not be empty" + (f"; write {_EXAMPLES[member]}" if member in _EXAMPLES else "")
    if kind == "too_long":
        return f"should have at most {limits['max_length']} entries, and has {len(value)}"
    if kind in _SHOULD_BE:
        values = {"member": ".".join(map(str, path)), "length": len(value) if isinstance(value, str) else 0}
        return _SHOULD_BE[kind].format(example=_EXAMPLES.get(member, _A_LIST), **values, **limits)
    return fault["msg"].removeprefix("Value error, ")


def meant(wrong: str, known: Sequence[str]) -> str:
    """Asks whether the nearest of these names was meant, if one is near."""
    close = get_close_matches(wrong, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _instead(wrong: str, known: Sequence[str]) -> str:
    """The member that was meant, or else all that there are."""
    return meant(wrong, known) or (f"; here are {', '.join(known)}" if known else "")


def _members(model: Any, path: Sequence[int | str]) -> Sequence[str]:
    """The names of the members that a table at this path may have."""
    for part in path:
        if isinstance(model, type) and issubclass(model, BaseModel):
            fields = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
            model = fields.get(str(part))
        else:
            model = get_args(model)[-1] if get_args(model) else None
        model = next(_models(model), None)
    if isinstance(model, type) and issubclass(model, BaseModel):
        return [field.alias or name for name, field in model.model_fields.items()]
    return []


def _models(annotation: Any) -> Iterator[Any]:
    """The types of a value that may be missing."""
    if get_origin(annotation) is UnionType:
        yield from (one for one in get_args(annotation) if one is not type(None))
    else:
        yield annotation
