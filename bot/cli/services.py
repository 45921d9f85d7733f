"""`notjustyou services`: the services that are watched."""

from collections.abc import Coroutine
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.configured import configured
from bot.cli.service_table import table
from bot.cli.shared import command, command_app
from bot.content.services import read_services, services_on
from bot.usecases.services import Services

app = command_app("The services that are watched.")


@app.command("list")
@command
def list_services(
    as_table: Annotated[bool, typer.Option("--table", help="Print a table in Markdown, with parts and hosts.")] = False,
) -> None:
    """List the services with their sources, symptoms and guides; also those that are off."""
    folder = configured().services_dir
    services, on = read_services(folder), {service.id for service in services_on(folder)}
    if as_table:
        typer.echo(table(services))
        return
    for service in services:
        sources = ", ".join(f"{s.signal} ({s.kind})" for s in service.sources) or "none"
        languages = ", ".join(sorted(service.guides))
        typer.echo(
            f"{service.id}: {service.name}; sources: {sources}; symptoms: {len(service.symptoms)}; guide: {languages}"
            f"{'' if service.id in on else '; off'}"
        )


@app.command()
@command
def check(
    folder: Annotated[Path | None, typer.Argument(help="A folder of services; SERVICES_DIR if left out.")] = None,
) -> None:
    """Check service files; reports every fault with its file and line."""
    found = read_services(folder or configured().services_dir)
    typer.echo(f"Fine: {', '.join(service.id for service in found)}")


@app.command()
@command
def look(
    service_id: Annotated[str, typer.Argument(metavar="ID", help="The service's id, as `services list` shows it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the readings as JSON.")] = False,
) -> Coroutine[Any, Any, None]:
    """Look once at each source of a service, and print what it says now: state, cause, incidents, maintenance, times.

    The exit code is 0 whatever they say. To look at addresses of your own network or machine, set
    ALLOW_PRIVATE_STATUS_HOSTS=true. CONTROL_URLS tells whether a failed connection is the service's fault or ours.
    """
    settings = configured()
    service = Services(read_services(settings.services_dir)).get(service_id)
    return import_module("bot.cli.look").look(service, settings, as_json=as_json)
