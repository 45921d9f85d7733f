"""The live check when the watched service falls over, seen through its real addresses."""

import asyncio

import pytest

from tests.e2e.conftest import Town
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="package")

ERROR = "**Our own check**: Character.AI returns an error"
OUTAGE = "**Official status page**: reports an outage"


async def test_status_tells_of_trouble_and_the_other_answers_then_know_it_too(town: Town) -> None:
    ann = town.user()

    async def ask_until(*, failing: bool) -> None:
        """Two looks are at least ten seconds apart, and it takes two that find it down."""
        async with asyncio.timeout(PATIENCE):
            while True:
                shown = await ann.slash(ann.dm(), "status")
                text = (await shown.wait_response()).text
                if {ERROR in text, OUTAGE in text} == {failing}:
                    return
                await asyncio.sleep(0.25)

    town.service.broken = True
    try:
        await ask_until(failing=True)
    finally:
        town.service.broken = False
    details = await ann.click(await ann.slash(town.channel(), "status"), "Details")
    text = (await details.wait_response()).text
    assert "(HTTP 500)" in text and "(Major Service Outage)" in text
    (incident,) = [line for line in text.splitlines() if "It is \\*down\\* (investigating)" in line]
    assert "<t:1767225600:R>" in incident

    help_ = await ann.slash(town.channel(), "500")
    assert "Character.AI returns an error" in help_.text and OUTAGE in help_.text
    form = await ann.click(await ann.slash(ann.dm(), "support"), "Write the report for me")
    report = await ann.submit_modal(form, {"happened": "It fails."})
    assert "- Our own check: Character.AI returns an error" in report.text
    assert "- Official status page: reports an outage" in report.text
    await ask_until(failing=False)  # other tests share this bot, and expect a service that works
