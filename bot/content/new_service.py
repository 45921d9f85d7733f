"""The files of a new service: its known data, and guides and symptoms that fit most services, to be edited."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from bot.core.service import AUTO, Healthy, Source

_TEMPLATE = files("bot.content").joinpath("new_service")
_MOST_PARTS = 12
"""The most parts of a page that become symptoms."""
_LONGEST_ID = 32
_USUAL: Mapping[str, str] = {
    "error": "Server error (500)",
    "gateway": "Bad gateway or unavailable (502, 503, 504)",
    "too-slow": "It takes too long (524, time-out)",
    "loading": "Page or app will not load",
    "login": "Cannot log in",
    "network": "Network error or no connection",
    "wall": "Access denied, or a check whether you are human (403)",
    "app": "The app crashes",
}
_LAST = {"other": "Something else"}
_NOT_IN_A_NAME = re.compile(r"[^\w .,()&+/'-]+")


@dataclass(frozen=True, slots=True)
class NewService:
    """The known data of a service to add. `parts` are all parts of its page, `wanted` are the relevant ones."""

    id: str
    name: str
    words: Sequence[str]
    website: str
    support: str
    page: Source | None = None
    parts: Sequence[str] = ()
    wanted: Sequence[str] = ()
    probe: Source | None = None
    languages: Sequence[str] = field(default=("en", "de"))


def id_of(name: str) -> str:
    """An id made from a name: lower case, with dashes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_ID].strip("-")


def symptoms_of(new: NewService) -> dict[str, str]:
    """The usual symptoms, and one for each relevant part of the page, if there are few enough."""
    parts = new.wanted or new.parts
    named = {id_of(part): _NOT_IN_A_NAME.sub(" ", part).strip()[:100] for part in parts}
    own = {one: name for one, name in named.items() if one and name and one not in {*_USUAL, *_LAST}}
    return {**_USUAL, **(own if len(own) <= _MOST_PARTS else {}), **_LAST}


def write_files(new: NewService, folder: Path) -> None:
    """Write the files of a service into its folder, which does not exist yet."""
    folder.mkdir(parents=True)
    (folder / "service.toml").write_text("\n".join(_service_file(new)) + "\n", "utf-8")
    for path, template in _templates(_TEMPLATE):
        if path.name.split(".")[1] not in new.languages:
            continue
        target = folder / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(template.read_text("utf-8").replace("{name}", _inside(new.name)), "utf-8")


def _templates(folder: Traversable, inside: Path = Path()) -> Iterator[tuple[Path, Traversable]]:
    for one in sorted(folder.iterdir(), key=lambda one: one.name):
        if one.is_dir():
            yield from _templates(one, inside / one.name)
        else:
            yield inside / one.name, one


def _service_file(new: NewService) -> Iterator[str]:
    yield f"# What is known of {new.name}. Every member is explained in docs/operators/service-files.md."
    yield f"name = {_text(new.name)}"
    yield f"aliases = {_texts([new.id])}"
    yield ""
    yield "# How its community calls it in a message. Leave out what is also an everyday word."
    yield f"words = {_texts(new.words)}"
    yield ""
    yield "[links]"
    yield f"website = {_text(new.website)}"
    yield f"support = {_text(new.support)}"
    if new.page is not None:
        yield f"status_page = {_text(new.page.link or new.page.url)}"
    yield ""
    yield from _official(new)
    yield from _probe(new.probe)
    yield "# Kinds of trouble, in the order of the menus. Ids are kept with reports, so never reuse one."
    yield "[symptoms]"
    yield from (f"{one} = {_text(name)}" for one, name in symptoms_of(new).items())


def _official(new: NewService) -> Iterator[str]:
    page = new.page
    if page is None:
        yield "# It has no official page that can be read."
        yield ""
        return
    yield "[sources.official]"
    if page.kind != AUTO:
        yield f"kind = {_text(page.kind)}"
    yield f"url = {_text(page.url)}"
    if page.link:
        yield f"link = {_text(page.link)}"
    if page.pointer:
        yield f"pointer = {_text(page.pointer)}"
    if page.states:
        states = ", ".join(f"{state} = {_texts(sorted(words))}" for state, words in page.states.items())
        yield f"states = {{ {states} }}"
    if new.wanted:
        yield f"components = {_texts(new.wanted)}"
    elif new.parts:
        yield "# All parts of the page matter. If some belong to another product, name those that do:"
        yield f"# components = {_texts(new.parts)}"
    yield ""


def _probe(probe: Source | None) -> Iterator[str]:
    if probe is None:
        yield "# No address is known that answers only while the service works."
    else:
        yield "[sources.probe]"
        yield f"url = {_text(probe.url)}"
        if probe.expect:
            yield f"expect = {{ {', '.join(f'{_text(name)} = {_value(v)}' for name, v in probe.expect.items())} }}"
    yield ""


def _value(value: Healthy) -> str:
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _texts(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _text(value: str) -> str:
    """A text in TOML's notation, which is that of JSON except for one character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _inside(value: str) -> str:
    """A text to insert inside the quotation marks of another."""
    return _text(value)[1:-1]
