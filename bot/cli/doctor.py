"""`notjustyou doctor`."""

import asyncio
import json

import click

from bot.cli.shared import command
from bot.doctor import examine
from bot.exits import Exit


@click.command()
@click.option("--offline", is_flag=True, help="Do not contact Discord.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@command
def app(*, offline: bool, as_json: bool) -> None:
    """Check settings, services, database and Discord permissions, and show how to fix problems."""
    findings = asyncio.run(examine(offline=offline))
    if as_json:
        # Programs read the explanation as `told`.
        rows = [{"subject": finding.subject, "state": finding.state, "told": finding.text} for finding in findings]
        click.echo(json.dumps(rows, indent=1))
    else:
        for finding in findings:
            click.echo(f"{finding.mark} {finding.subject}: {finding.text}")
    wrong = any(finding.state == "fault" for finding in findings)
    raise click.exceptions.Exit(Exit.CONFIGURATION if wrong else Exit.OK)
