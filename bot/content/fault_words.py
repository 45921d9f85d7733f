"""Describes faults in a file's values in plain words: the expected value instead of a library's message."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, fields

MISSING = "is missing"
EMPTY = "should not be empty"
NO_MEMBER = "there is no such member"
NO_TEXT = "should be a text in quotes"
NO_LIST = "should be a list"
NO_TABLE = "should be a table"
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
_SYNTAX: Mapping[str, str] = {
    "Invalid value": 'a text stands in quotes, as in name = "Examplia"',
    "Illegal character '\\n'": "a text ends on its own line, with a quotation mark",
    "Illegal character": "it should have no control characters",
    "Unterminated string": "a text ends with the quotation marks that it begins with",
    "Expected '='": 'a line is a member and its value, as in name = "Examplia"',
    "Invalid statement": 'a line is a member and its value, as in name = "Examplia"',
    "Expected ']'": "a table begins with its name in [ ], such as [links]",
    "Expected newline": "each member has a line of its own",
    "Cannot": "it stands there twice: keep one of them",
    "Unclosed array": 'a list ends with ], and has commas between its entries: ["one", "two"]',
    "Unclosed inline table": 'a table in a line ends with }, as in { up = ["ok"] }',
    "Unescaped": "before a backslash stands another, or the text stands in single quotes",
    "Invalid initial character": "a name has letters, digits, - and _; any other stands in quotes",
}
"""How the parser's messages begin, and what would be right."""
_A_LIST = '["one", "two"]'


def message_for(schema: Schema, path: Sequence[int | str], message: str) -> str:
    """The message for a fault in a file of this schema, with the expected value if known."""
    member = str(path[-1]) if path else ""
    example = _EXAMPLES.get(member)
    if message == NO_MEMBER:
        return message + _instead(member, _members(schema, path[:-1]))
    if message == NO_LIST:
        return f"{message}: {example or _A_LIST}"
    if message == NO_TABLE:
        return f"{message}: a line [{'.'.join(map(str, path))}] with its members below"
    if message in {MISSING, EMPTY} and example:
        return f"{message}; {'add' if message == MISSING else 'write'} {example}"
    return message


def syntax(error: str) -> str:
    """What would be right where TOML itself is broken, if the parser's message tells."""
    return next((f"; {right}" for start, right in _SYNTAX.items() if error.startswith(start)), "")


def meant(wrong: str, known: Sequence[str]) -> str:
    """A question whether the most similar name was meant, if one is similar."""
    from difflib import get_close_matches  # noqa: PLC0415 - seldom needed

    close = get_close_matches(wrong, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _instead(wrong: str, known: Sequence[str]) -> str:
    """The member that was probably meant, otherwise all existing members."""
    return meant(wrong, known) or (f"; here are {', '.join(known)}" if known else "")


def _members(schema: Schema, path: Sequence[int | str]) -> Sequence[str]:
    """The names of the members that a table at this path may have."""
    here: Any = schema
    for part in path:
        if isinstance(here, Schema):
            here = _fields(here).get(str(part))
        elif here is not None:
            here = _entry(here)
        here = here.schema if isinstance(here, fields.Nested) else here
    return list(_fields(here)) if isinstance(here, Schema) else []


def _entry(field: Any) -> Any:
    """The field of the entries of a list or of a table."""
    return field.inner if hasattr(field, "inner") else getattr(field, "value_field", None)


def _fields(schema: Any) -> Mapping[str, Any]:
    return {field.data_key or name: field for name, field in schema.fields.items()}
