"""`notjustyou services`: the services that are watched."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.configured import configured
from bot.cli.shared import command, command_app
from bot.content.services import read_services

app = command_app("The services that are watched.")


@app.command("list")
@command
def list_services() -> None:
    """List the services with their sources, symptoms and guides."""
    for service in read_services(configured().services_dir):
        sources = ", ".join(f"{s.signal} ({s.kind})" for s in service.sources) or "none"
        languages = ", ".join(sorted(service.guides))
        typer.echo(
            f"{service.id}: {service.name}; sources: {sources}; symptoms: {len(service.symptoms)}; guide: {languages}"
        )


@app.command()
@command
def check(
    folder: Annotated[Path | None, typer.Argument(help="A folder of services; SERVICES_DIR if left out.")] = None,
) -> None:
    """Check service files; reports every fault with its file and line."""
    found = read_services(folder or configured().services_dir)
    typer.echo(f"Fine: {', '.join(service.id for service in found)}")
