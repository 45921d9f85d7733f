"""The pictures in the documents, taken from the demo: `python -m tests.demo.screenshots`."""

import asyncio
from pathlib import Path

from playwright.async_api import Locator

from tests.demo.page import ROOT, Visitor, browser_page, demo

EXAMPLE = "is cai down for anyone else?"
PICTURES = ROOT / "docs" / "pictures"


async def main() -> None:
    """The cards, then an outage to its end."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    await cards()
    await outage("outage", 900)  # 420 is a phone's width


async def cards() -> None:
    """`/500`, `/status`, an auto-reply, `/setup` and *Try a message*, in the outage."""
    async with demo() as url, browser_page(url, width=1300, height=2200) as visitor:
        reply = visitor.card("react with 👍")
        await reply.filter(has_text="It's not just you").wait_for(timeout=90_000)
        await take(visitor, "auto-reply", reply)  # at once: with a thread to point to it loses this line
        shots = dict[str, Locator]()
        for name, expect in (
            ("500", "It's not just you"),
            ("status", "Details"),
            ("setup", "NotJustYou in this server"),
        ):
            await visitor.slash(name, expect)
            shots[name] = visitor.card(f"used /{name}")  # by its own words it would be another card soon
        shots["try"] = await visitor.fill_in(
            shots["setup"], "Try a message", {EXAMPLE: "guys c.ai won't load, anyone else?"}, "% sure"
        )
        for name, card in shots.items():
            await take(visitor, name, card)


async def outage(name: str, width: int) -> None:
    """The announcement at its height and its end, and the list of outages."""
    async with demo() as url, browser_page(url, width=width, height=1500) as visitor:
        announced = visitor.card("Tell me when it's back").filter(has_text="ince about")
        await announced.wait_for(timeout=120_000)
        await visitor.page.wait_for_timeout(45_000)
        await take(visitor, f"{name}-peak", announced)
        ended = visitor.card("It lasted about").filter(has_text="Peak")
        await ended.wait_for(timeout=400_000)
        await take(visitor, f"{name}-end", ended)
        await take(visitor, f"{name}-list", await visitor.slash("outages", "outages of the last 30 days"))


async def take(visitor: Visitor, name: str, card: Locator) -> None:
    """Write one card as a PNG file."""
    await card.scroll_into_view_if_needed()
    await visitor.page.mouse.move(0, 0)
    # The page loads pictures anew after each change; until then there is an empty frame.
    loaded = "card => [...card.querySelectorAll('img')].every(one => one.naturalWidth > 0)"
    for _ in range(100):
        if await card.evaluate(loaded):
            break
        await visitor.page.wait_for_timeout(100)
    await card.screenshot(path=PICTURES / f"{name}.png")
    print(Path(PICTURES / f"{name}.png").relative_to(ROOT))  # noqa: T201 - a command's output


if __name__ == "__main__":
    asyncio.run(main())
