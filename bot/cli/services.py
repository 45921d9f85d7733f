"""`notjustyou services`: the services that are watched."""

import sys
from collections.abc import Coroutine
from importlib import import_module
from pathlib import Path
from time import time
from typing import Any

import click

from bot.cli.configured import configured
from bot.cli.groups import Group
from bot.cli.service_table import table
from bot.cli.shared import FILE, command
from bot.content.services import read_services
from bot.usecases.services import Services


@click.group(cls=Group, no_args_is_help=True)
def app() -> None:
    """The services that are watched."""


@app.command("list")
@click.option("--table", "as_table", is_flag=True, help="Print a table in Markdown, with parts and hosts.")
@command
def list_services(*, as_table: bool) -> None:
    """List the services with their sources, symptoms and guides."""
    services = read_services(configured().services_dir)
    if as_table:
        click.echo(table(services))
        return
    for service in services:
        sources = ", ".join(f"{s.signal} ({s.kind})" for s in service.sources) or "none"
        languages = ", ".join(sorted(service.guides))
        click.echo(
            f"{service.id}: {service.name}; sources: {sources}; symptoms: {len(service.symptoms)}; guide: {languages}"
        )


@app.command()
@click.argument("folder", type=FILE, required=False, help="A folder of services; the default is SERVICES_DIR.")
@click.option("--live", is_flag=True, help="Also poll the sources: of the services in the folder, or of all.")
@command
def check(folder: Path | None, *, live: bool) -> Coroutine[Any, Any, None] | None:
    """Check service files; reports every fault with its file and line.

    With --live it also looks once at each source, and names what does not answer as the file says. To look at addresses
    of your own network or machine, set ALLOW_PRIVATE_STATUS_HOSTS=true.
    """
    folder = folder or configured().services_dir
    found = read_services(folder)
    click.echo(f"Fine: {', '.join(service.id for service in found)}")
    return import_module("bot.cli.check_live").check_live(found, folder, configured()) if live else None


@app.command()
@click.argument("service_id", metavar="ID", help="The service's id or name, as `services list` shows them.")
@click.option("--language", default="en", show_default=True, help="The language of the cards, such as de.")
@command
def cards(service_id: str, language: str) -> None:
    """Show each card of a service as text, when all is calm and in an invented outage."""
    service = Services(read_services(configured().services_dir)).find(service_id)
    import_module("bot.cli.cards").show_cards(service, time(), language=language)


@app.command()
@click.argument("name", help="The service's name, such as “Examplia”.")
@click.option("--url", required=True, help="Its status page, or its website, which links to that.")
@click.option("--id", "service_id", help="Its id; the default is made from the name.")
@click.option("--website", help="Its website.")
@click.option("--support", help="Where people reach its support.")
@click.option("--word", multiple=True, help="What people call it in messages; may be repeated.")
@click.option("--part", multiple=True, help="A relevant part of the page; may be repeated.")
@click.option("--probe", help="An address that answers while the service works.")
@click.option("--pointer", default="", help="For custom JSON: JSON Pointer to the status value, such as /status/state.")
@click.option("--state", multiple=True, help="For custom JSON: the meaning of a value, such as up=ok.")
@click.option("--no-page", is_flag=True, help="It has no status page; --url is its website.")
@click.option("--into", type=FILE, help="The folder for services; the default is SERVICES_DIR.")
@click.option("--yes", "-y", "no_questions", is_flag=True, help="Do not prompt; accept the detected values.")
@command
def add(
    name: str,
    *,
    url: str,
    service_id: str | None,
    website: str | None,
    support: str | None,
    word: tuple[str, ...],
    part: tuple[str, ...],
    probe: str | None,
    pointer: str,
    state: tuple[str, ...],
    no_page: bool,
    into: Path | None,
    no_questions: bool,
) -> Coroutine[Any, Any, None]:
    """Add a service: examines its page, writes its folder, and shows its cards.

    On a terminal it asks for missing values. To look at addresses of your own network or machine, set
    ALLOW_PRIVATE_STATUS_HOSTS=true.
    """
    adding = import_module("bot.cli.add_service")
    wanted = adding.AddOptions(
        name=name,
        url=url,
        id=service_id,
        website=website,
        support=support,
        words=word,
        parts=part,
        probe=probe,
        pointer=pointer,
        states=state,
        folder=into,
        no_page=no_page,
        ask=not no_questions and sys.stdin.isatty(),
    )
    return adding.add(wanted, configured())


@app.command()
@click.argument("service_id", metavar="ID", help="The service's id or name, as `services list` shows them.")
@click.option("--json", "as_json", is_flag=True, help="Print the readings as JSON.")
@command
def look(service_id: str, *, as_json: bool) -> Coroutine[Any, Any, None]:
    """Read each source of a service once, and print the result: state, cause, incidents, maintenance, times.

    The exit code is 0 for every result. To look at addresses of your own network or machine, set
    ALLOW_PRIVATE_STATUS_HOSTS=true. CONTROL_URLS show whether a failed connection is the service's fault or ours.
    """
    settings = configured()
    service = Services(read_services(settings.services_dir)).find(service_id)
    return import_module("bot.cli.look").look(service, settings, as_json=as_json)
