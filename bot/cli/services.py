"""`notjustyou services`: the services that are watched."""

import sys
from collections.abc import Coroutine
from importlib import import_module
from pathlib import Path
from time import time
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
def cards(
    service_id: Annotated[str, typer.Argument(metavar="ID", help="The service's id, as `services list` shows it.")],
    language: Annotated[str, typer.Option("--language", help="The language of the cards, such as de.")] = "en",
) -> None:
    """Show in text what each card of a service looks like, calm and in an invented outage."""
    service = Services(read_services(configured().services_dir)).get(service_id)
    import_module("bot.cli.cards").show_cards(service, time(), language=language)


@app.command()
@command
def add(
    name: Annotated[str, typer.Argument(help="What the service is called, such as “Examplia”.")],
    *,
    url: Annotated[str, typer.Option("--url", help="Its status page, or its website, which links to that.")],
    service_id: Annotated[str | None, typer.Option("--id", help="Its id; made of the name if left out.")] = None,
    website: Annotated[str | None, typer.Option(help="Its website.")] = None,
    support: Annotated[str | None, typer.Option(help="Where people reach its support.")] = None,
    word: Annotated[list[str] | None, typer.Option(help="How people call it in messages; may be repeated.")] = None,
    part: Annotated[list[str] | None, typer.Option(help="A part of the page that matters; may be repeated.")] = None,
    probe: Annotated[str | None, typer.Option(help="An address that answers while the service works.")] = None,
    pointer: Annotated[str, typer.Option(help="For other JSON: where the state stands, such as /status/state.")] = "",
    state: Annotated[list[str] | None, typer.Option(help="For other JSON: what a value means, such as up=ok.")] = None,
    no_page: Annotated[bool, typer.Option("--no-page", help="It has no status page; --url is its website.")] = False,
    into: Annotated[Path | None, typer.Option(help="The folder for services; SERVICES_DIR if left out.")] = None,
    no_questions: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take what is found.")] = False,
) -> Coroutine[Any, Any, None]:
    """Add a service: looks at its page, writes its folder, and shows what its cards will look like.

    On a terminal it asks for what it cannot find out. To look at addresses of your own network or machine, set
    ALLOW_PRIVATE_STATUS_HOSTS=true.
    """
    adding = import_module("bot.cli.add_service")
    wanted = adding.Wanted(
        name=name,
        url=url,
        id=service_id,
        website=website,
        support=support,
        words=word or (),
        parts=part or (),
        probe=probe,
        pointer=pointer,
        states=state or (),
        folder=into,
        no_page=no_page,
        ask=not no_questions and sys.stdin.isatty(),
    )
    return adding.add(wanted, configured())


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
