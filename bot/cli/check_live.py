"""`notjustyou services check --live`: checks that the sources answer as the service files say."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import time

import click

from bot.content.services import fault_at
from bot.core.errors import ConfigurationError
from bot.core.service import AUTO, JSON, Service, Source
from bot.core.signals import Cause, Reading, Signal, settle
from bot.settings import Settings
from bot.status.looker import open_looker

_NO_SUCH_PLACE = frozenset({Cause.PAGE_GONE, Cause.NOT_JSON, Cause.DNS, Cause.ADDRESS_REFUSED, Cause.REDIRECTS})
_Wrong = tuple[str, str]
"""A member of the source, and the expected value."""


async def check_live(services: Sequence[Service], folder: Path | None, settings: Settings) -> None:
    """Read each source once and print the result, for the services in the folder, or for all without one.

    Raises ConfigurationError for faults in the folder. A source that cannot be read now (a timeout, a server error) is
    no fault of a file.
    """
    own = [service for service in services if folder is not None and (folder / service.id).is_dir()]
    sources = [(service, source) for service in own or services for source in service.sources]
    async with open_looker(
        time, allow_private=settings.allow_private_status_hosts, control_urls=settings.control_urls
    ) as looker:
        found = await asyncio.gather(*(looker.look(source) for _, source in sources))
        seen = [looker.seen_as(source) for _, source in sources]
    faults = list[str]()
    for (service, source), kind, reading in zip(sources, (one.kind for one in seen), found, strict=True):
        click.echo(_line(service, source, kind, reading))
        if folder is not None and service in own:
            for member, message in _wrong(source, reading):
                faults.append(fault_at(folder, service.id, ("sources", source.signal, member), message))
    if faults:
        raise ConfigurationError(faults)


def _line(service: Service, source: Source, kind: str, reading: Reading) -> str:
    state, answered = settle(None, reading).now.state, reading.cause is Cause.ANSWERED
    said = reading.detail if answered else ": ".join(filter(None, (reading.cause, reading.detail)))
    line = f"{service.id}: {source.signal} ({kind}) at {source.url}: {state}" + (f" ({said})" if said else "")
    if source.kind not in {AUTO, kind}:
        line += f"; the file says {source.kind}, and it answers like {kind}"
    return "".join(character if character.isprintable() else " " for character in line)


def _wrong(source: Source, reading: Reading) -> Iterator[_Wrong]:
    """The members to change in the file."""
    said = f"{reading.cause}{f' ({reading.detail})' if reading.detail else ''}"
    if reading.cause in _NO_SUCH_PLACE or (reading.cause is Cause.WRONG_SHAPE and _nowhere(source)):
        what = "a status page that can be read" if source.signal is Signal.OFFICIAL else "data of the service"
        yield "url", f"should be the address of {what}, and {source.url} is not: {said}"
    elif reading.cause is Cause.WRONG_SHAPE and source.kind == JSON:
        yield "pointer", f"should lead to a text, a number, true, false or null in the answer of {source.url}"
    elif reading.cause is Cause.WRONG_SHAPE:
        yield "expect", f"should name members of the answer, and it has no {reading.detail}"
    elif reading.cause is Cause.UNKNOWN_VALUE and source.kind == JSON:
        yield "states", f"should say what {reading.detail!r} means, which the page says now"
    elif reading.cause is Cause.PART_MISSING:
        yield "components", f"should name parts of the page: {reading.detail}"


def _nowhere(source: Source) -> bool:
    """Whether the file does not describe the form of the answer, so that only the address can be wrong."""
    return source.kind != JSON and not source.expect
