"""The table of services: their sources, and their guides and symptoms."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from bot.core.service import Service, Source
from bot.core.signals import Signal

HEAD = ("Service", "Id", "Official page", "Parts", "Probe", "Symptoms", "With a guide of their own", "Languages")


def table(services: Iterable[Service]) -> str:
    """The services as a table in Markdown."""
    return "\n".join(map(_line, (HEAD, ["---"] * len(HEAD), *(list(_row(service)) for service in services))))


def _row(service: Service) -> Iterator[str]:
    sources = {source.signal: source for source in service.sources}
    page, probe = sources.get(Signal.OFFICIAL), sources.get(Signal.PROBE)
    yield service.name
    yield f"`{service.id}`"
    yield f"{page.kind}: {_host(page)}" if page else "none"
    yield ", ".join(page.components) or "all" if page else "none"
    yield _host(probe) if probe else "none"
    yield str(len(service.symptoms))
    yield str(sum(bool(symptom.guides) for symptom in service.symptoms))
    yield ", ".join(sorted(service.guides))


def _host(source: Source) -> str:
    return urlsplit(source.url).hostname or source.url


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
