"""`notjustyou doctor`."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated

import typer

from bot.cli.shared import command, command_app
from bot.doctor import examine
from bot.exits import Exit

app = command_app()


@app.command()
@command
def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask Discord.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check settings, services, database and what Discord grants; says how to fix what is wrong."""
    findings = asyncio.run(examine(offline=offline))
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        for finding in findings:
            typer.echo(f"{finding.mark} {finding.subject}: {finding.told}")
    wrong = any(finding.state == "fault" for finding in findings)
    raise typer.Exit(Exit.CONFIGURATION if wrong else Exit.OK)
