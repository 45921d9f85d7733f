"""The live check when the watched service falls over, seen through its real addresses."""

import asyncio
import re

import pytest

from tests.e2e.conftest import Town
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_status_tells_of_trouble_and_the_other_answers_then_know_it_too(town: Town) -> None:
    ann = town.user()

    async def status() -> str:
        shown = await ann.slash(ann.dm(), "status")
        return (await shown.wait_response()).text

    town.service.broken = True
    try:
        # Two looks are at least ten seconds apart, and it takes two that find it down.
        async with asyncio.timeout(PATIENCE):
            while "**Our probe**: down" not in (text := await status()):  # noqa: ASYNC110 - it is told when asked
                await asyncio.sleep(0.25)
    finally:
        town.service.broken = False
    assert re.search(r"\*\*Our probe\*\*: down\b.*HTTP 500", text)
    assert "**Official page**: down (Major Service Outage)" in text
    (incident,) = [line for line in text.splitlines() if "It is \\*down\\* (investigating)" in line]
    assert "<t:1767225600:R>" in incident

    help_ = await ann.slash(town.channel(), "500")
    assert "**Our probe**: down" in help_.text and "**Official page**: down" in help_.text
    form = await ann.click(await ann.slash(ann.dm(), "support"), "Write the report for me")
    report = await ann.submit_modal(form, {"happened": "It fails."})
    assert "- Our probe: down" in report.text and "- Official page: down" in report.text
