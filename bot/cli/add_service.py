"""`notjustyou services add`: creates the folder of a new service, and shows its cards."""

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import TypeVar
from urllib.parse import urlsplit

import click
from marshmallow import ValidationError

from bot.cli.cards import show_cards
from bot.content.new_service import NewService, id_of, symptoms_of, write_files
from bot.content.services import is_built_in, read_services
from bot.content.toml_layers import one_line
from bot.core.errors import ConfigurationError, InvalidValueError
from bot.core.service import JSON, PAGE_KINDS, Source
from bot.core.signals import KNOWN, Signal, State
from bot.settings import Settings
from bot.status.examine import Examined, as_probe, examine, find_page, find_probe
from bot.status.fetch import Fetcher, FetchFailedError

_ADDRESS = re.compile(r"https?://[^\s/@<>\"]+(/[^\s<>\"]*)?")
T = TypeVar("T")
_KINDS = ", ".join(PAGE_KINDS)


@dataclass(frozen=True, slots=True)
class AddOptions:
    """The options of the command; None and empty values are detected or asked for."""

    name: str
    url: str
    id: str | None = None
    website: str | None = None
    support: str | None = None
    words: Sequence[str] = ()
    parts: Sequence[str] = ()
    probe: str | None = None
    pointer: str = ""
    states: Sequence[str] = ()
    folder: Path | None = None
    no_page: bool = False
    ask: bool = False


async def add(wanted: AddOptions, settings: Settings) -> None:
    """Examine the address, write the files, and show the cards. Writes nothing if there is a fault."""
    root = _root(wanted, settings)
    service_id = _id(wanted, root)
    async with Fetcher(allow_private=settings.allow_private_status_hosts) as fetcher:
        found = None if wanted.no_page else await _page(fetcher, wanted)
        click.echo(_describe(found))
        website = _asked(wanted, "Website", "--website", wanted.website or _website(_address("--url", wanted.url)))
        support = _asked(wanted, "Where people reach its support", "--support", wanted.support or website)
        probe = await _probe(fetcher, wanted, website)
    click.echo(f"Probe: {probe.url}" if probe else "Probe: none found; give an address of its API with --probe")
    parts = found.parts if found else ()
    chosen = _parts(wanted, parts, complete=found is None or found.complete)
    new = NewService(
        id=service_id,
        name=wanted.name.strip(),
        words=_words(wanted),
        website=website,
        support=support,
        page=found and found.source,
        parts=parts,
        wanted=chosen,
        probe=probe,
    )
    click.echo(f"Symptoms: {', '.join(symptoms_of(new).values())}")
    folder = _write(new, root)
    service = next(one for one in read_services(root) if one.id == new.id)
    show_cards(service, time(), [found.reading_of(chosen)] if found else [])
    click.echo(f"\nWrote {folder}. Review it, above all the words and the guide.")
    if settings.services_dir is None or settings.services_dir.resolve() != root.resolve():
        click.echo(f"Set SERVICES_DIR={root} for the bot to watch it.")
    else:
        click.echo("A running bot loads it within seconds. Moderators choose it in /setup, Language and service.")


def _root(wanted: AddOptions, settings: Settings) -> Path:
    root = wanted.folder or settings.services_dir
    if root is None:
        raise InvalidValueError("--into", "the folder for your services, or set SERVICES_DIR")
    if root.exists() and not root.is_dir():
        raise InvalidValueError("--into", f"a folder, and {root} is a file")
    if (root / "service.toml").is_file():
        raise InvalidValueError("--into", f"the folder that holds services, and {root} is the folder of one service")
    return root


def _id(wanted: AddOptions, root: Path) -> str:
    name = wanted.name.strip()
    try:
        one_line(name)
    except ValidationError as error:
        raise InvalidValueError("NAME", f"words on one line; {error}") from None
    if not 0 < len(name) <= 40:  # noqa: PLR2004 - as service files allow
        raise InvalidValueError("NAME", "1 to 40 letters")
    service_id = wanted.id or id_of(name)
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", service_id) or len(service_id) > 32:  # noqa: PLR2004 - as above
        raise InvalidValueError("--id", f"at most 32 of a-z, 0-9 and single dashes, and {service_id!r} is not")
    if is_built_in(service_id):
        reason = (
            f"another id than {service_id}, which comes with the bot; to change that one, put only what differs into "
        )
        raise InvalidValueError("--id", f"{reason}{root / service_id}")
    if (root / service_id).exists():
        raise InvalidValueError("--id", f"another id than {service_id}: {root / service_id} already exists")
    return service_id


def _address(flag: str, value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise InvalidValueError(flag, f"a web address such as https://status.example.org, and {value!r} is not")
    return value


async def _page(fetcher: Fetcher, wanted: AddOptions) -> Examined:
    url = _address("--url", wanted.url)
    try:
        if wanted.pointer or wanted.states:
            states = _states(wanted.states)
            if not wanted.pointer or State.UP not in states:
                raise InvalidValueError(
                    "--pointer and --state", "given together, such as --state up=ok --state down=no"
                )
            source = Source(Signal.OFFICIAL, JSON, url, pointer=wanted.pointer, states=states)
            found = await examine(fetcher, source, time())
        else:
            found = await find_page(fetcher, url, time())
    except FetchFailedError as error:
        reason = f"{error.cause}{f' ({error.detail})' if error.detail else ''}"
        raise InvalidValueError("--url", f"an address that answers, and {url} does not: {reason}") from None
    if found is None and wanted.pointer:
        raise InvalidValueError("--pointer", f"where the JSON at {url} has a text, a number, true or false")
    if found is None:
        raise InvalidValueError(
            "--url",
            f"a status page, and nothing at {url} answers like one of {_KINDS}. For any other JSON, give --pointer "
            "and --state; without a page, --no-page",
        )
    return found


def _states(written: Sequence[str]) -> Mapping[State, frozenset[str]]:
    states: dict[State, frozenset[str]] = {}
    for one in written:
        state, given, word = one.partition("=")
        if not given or state not in KNOWN or not word.strip():
            known = ", ".join(sorted(KNOWN))
            raise InvalidValueError("--state", f"a state and a value, such as up=ok; states are {known}")
        states[State(state)] = states.get(State(state), frozenset()) | {word.strip().casefold()}
    return states


def _describe(found: Examined | None) -> str:
    if found is None:
        return "Page: none; people and the probe are what counts"
    parts = f"; its parts: {', '.join(found.parts)}" if found.parts else ""
    return _printable(f"Page: {found.source.kind} at {found.source.url}, which says {found.reading.state}{parts}")


def _parts(wanted: AddOptions, parts: Sequence[str], *, complete: bool) -> list[str]:
    """The relevant parts; none stands for all of them. If the page's list is incomplete, any part may be named."""
    by_key = {part.casefold(): part for part in parts}

    def known(picked: Sequence[str]) -> list[str]:
        for part in picked:
            if complete and part.casefold() not in by_key:
                has = ", ".join(parts) or "none that can be named"
                raise InvalidValueError("--part", f"one of the page's parts ({has}), and {part!r} is not")
        return [by_key.get(part.casefold(), part) for part in picked]

    if wanted.parts or not wanted.ask or len(parts) <= 1:
        return known(wanted.parts)
    question = "Which parts matter, with commas between (empty: all)"
    return _prompt(question, "", lambda typed: known(_listed(typed)), show_default=False)


async def _probe(fetcher: Fetcher, wanted: AddOptions, website: str) -> Source | None:
    if wanted.probe is None:
        return await find_probe(fetcher, website)
    url = _address("--probe", wanted.probe)
    try:
        found = await as_probe(fetcher, url)
    except FetchFailedError as error:
        raise InvalidValueError("--probe", f"an address that answers, and {url} does not: {error.cause}") from None
    if found is None:
        raise InvalidValueError(
            "--probe", f"an address that answers with data while the service works; {url} gives a web page or an error"
        )
    return found


def _words(wanted: AddOptions) -> list[str]:
    name = wanted.name.strip().casefold()
    usual = [name, "".join(name.split())] if " " in name else [name]
    words = list(dict.fromkeys(word.strip().casefold() for word in wanted.words if word.strip())) or usual
    if not wanted.words and wanted.ask:
        words = _prompt("How people call it in messages, with commas between", ", ".join(words), _listed)
        words = list(dict.fromkeys(word.casefold() for word in words))
    return words or usual


def _asked(wanted: AddOptions, question: str, flag: str, default: str) -> str:
    given = {"--website": wanted.website, "--support": wanted.support}[flag]
    if not wanted.ask or given is not None:
        return _address(flag, default)
    return _prompt(question, default, lambda typed: _address(flag, typed.strip()))


def _listed(typed: str) -> list[str]:
    return [part.strip() for part in typed.split(",") if part.strip()]


def _prompt(question: str, default: str, read: Callable[[str], T], *, show_default: bool = True) -> T:
    """Ask on the terminal, and repeat the question after an invalid answer."""

    def taken(typed: str) -> T:
        try:
            return read(typed)
        except InvalidValueError as error:
            raise click.UsageError(f"it should be {error.expected}.") from None

    return click.prompt(question, default=default, value_proc=taken, show_default=show_default)


def _website(url: str) -> str:
    """The website's address, derived from that of the status page."""
    parts = urlsplit(url)
    host = parts.netloc.removeprefix("status.").removeprefix("www.status.")
    return f"{parts.scheme}://{host}"


def _write(new: NewService, root: Path) -> Path:
    """Write into a temporary folder, check it, and then move it, so that a running bot never sees half of a service."""
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=root) as made:
        draft = Path(made) / new.id
        write_files(new, draft)
        try:
            read_services(Path(made))
        except ConfigurationError as error:
            faults = [fault.replace(f"{draft}", new.id) for fault in error.faults]
            raise ConfigurationError([f"not written: {fault}" for fault in faults]) from None
        draft.rename(root / new.id)
    return root / new.id


def _printable(text: str) -> str:
    """A page's text without control characters for the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
