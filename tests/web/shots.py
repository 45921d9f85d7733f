"""Pictures of the page in every state: `python -m tests.web.shots FOLDER`; with `--docs`, those of the documents."""

import asyncio
import sys
import time
from pathlib import Path

from tests.cards.documents import PICTURES
from tests.web.served import Known, browser, served
from tests.web.states import worlds

SIZES = {"wide": 1280, "phone": 390}


async def main(folder: Path) -> None:
    """Every state at both widths in the light theme; some in the dark theme and in German."""
    now = int(time.time())
    states = worlds(now)
    async with browser() as chromium:
        for name, services in states.items():
            known = Known(services, now)
            async with served(known) as (url, _):
                for size, width in SIZES.items():
                    for look, path in (("light", "/"), ("dark", "/?lang=de")):
                        page = await chromium.new_page(
                            viewport={"width": width, "height": 900}, color_scheme=look, device_scale_factor=1
                        )
                        await page.goto(url + path)
                        await page.screenshot(path=folder / f"{name}-{size}-{look}.png", full_page=True)
                        await page.close()
                if name == "calm":
                    page = await chromium.new_page(viewport={"width": 1280, "height": 900})
                    await page.goto(f"{url}/method")
                    await page.screenshot(path=folder / "method.png", full_page=True)
                    await page.goto(f"{url}/services/character-ai/badge.svg")
                    await page.screenshot(path=folder / "badge.png")


async def for_the_documents() -> None:
    """The first view in an outage."""
    now = int(time.time())
    async with browser() as chromium, served(Known(worlds(now)["outage"], now)) as (url, _):
        page = await chromium.new_page(viewport={"width": 1100, "height": 900}, device_scale_factor=1.5)
        await page.goto(url)
        await page.screenshot(path=PICTURES / "page.png")


if __name__ == "__main__":
    asyncio.run(for_the_documents() if sys.argv[1] == "--docs" else main(Path(sys.argv[1])))
