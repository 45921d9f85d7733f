"""The pictures in the README, taken from the demo: `python -m tests.demo.screenshots`."""

import asyncio
from pathlib import Path

from tests.demo.page import ROOT, browser_page, demo

EXAMPLE = "is cai down for anyone else?"
PICTURES = ROOT / "docs" / "pictures"


async def main() -> None:
    """Let the outage unfold, and take `/500`, `/status`, an auto-reply, `/setup` and *Try a message*."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with demo() as url, browser_page(url, width=900, height=1700) as visitor:
        reply = visitor.card("React with 👍")
        await reply.filter(has_text="It's not just you").wait_for(timeout=90_000)
        shots = {"auto-reply": reply}
        for name, command, expect in (
            ("500", "500", "what you can do"),
            ("status", "status", "Open incidents"),
            ("setup", "setup", "Set up NotJustYou"),
        ):
            shots[name] = await visitor.slash(command, expect)
        shots["try"] = await visitor.fill_in(
            shots["setup"], "Try a message", {EXAMPLE: "guys c.ai won't load, anyone else?"}, "% sure"
        )
        for name, card in shots.items():
            await card.scroll_into_view_if_needed()
            await visitor.page.mouse.move(0, 0)
            await card.screenshot(path=PICTURES / f"{name}.png")
            print(Path(PICTURES / f"{name}.png").relative_to(ROOT))  # noqa: T201 - a command's output


if __name__ == "__main__":
    asyncio.run(main())
