"""Pictures of the page in every state, to look at: `python -m tests.web.shots FOLDER`."""

import asyncio
import sys
import time
from pathlib import Path

from tests.web.served import Known, browser, served
from tests.web.states import worlds

SIZES = {"wide": 1280, "phone": 390}


async def main(folder: Path) -> None:
    """Every state at both widths in light; some dark and in German."""
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


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
