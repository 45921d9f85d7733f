"""Pictures of every card in every state, and their heights: `make cards`.

`python -m tests.cards.shots --out folder --only 500- status- --languages en --widths 390 --themes dark` writes
`<language>/<width>-<theme>/<card>.png`, `heights.tsv` with the heights of the cards, and `sheets/` with many cards per
picture. It needs Chromium. Our code makes the cards, and simcord's page, which looks like Discord, draws them.
"""

import argparse
import asyncio
import csv
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import discord
import simcord
from playwright.async_api import Error as PageError
from playwright.async_api import FloatRect, Locator, Page, async_playwright
from simcord.preview import Preview

from bot.core.chart import Theme
from bot.discord_ui.render.layout import PICTURE
from bot.pictures.draw import draw
from tests.cards import sheets
from tests.cards.cards import Maker, makers
from tests.cards.states import Places
from tests.demo.page import chromium
from tests.patience import PATIENCE
from tests.resources import resources

TALL = 2600
_ONLY_THE_CHANNEL = """
.preview-toolbar, .messages-sidebar, .channel-header, .channel-composer, .drawer-scrim { display: none !important; }
.preview-app { width: 100vw !important; height: 100vh !important; }
.message-time, time { visibility: visible; }
"""
_LIGHT = """
:root {
  color-scheme: light; color: #2e3035; background: #ffffff;
  --discord-bg: #ffffff; --discord-surface: #f2f3f5; --discord-elevated: #ffffff; --discord-control: #ebedef;
  --discord-hover: #e3e5e8; --discord-text: #2e3035; --discord-muted: #5c5e66; --discord-subtle: #4e5058;
  --discord-border: #d9dadd; --component-surface: #fbfbfb; --component-border: #dcdde1; --control-border: #c9cbd0;
  --input-surface: #ebedef; --list-surface: #f2f3f5; --subtle-surface: #e3e5e8; --subtle-surface-text: #2e3035;
  --entity-text: #4e5058; --entity-dim: #5c5e66; --button-alt: #e3e5e8; --button-alt-hover: #d7d9dc;
  --button-alt-active: #cfd1d5; --button-secondary-surface: #e3e5e8; --code-surface: #f2f3f5; --code-border: #d9dadd;
  --code-text: #2e3035; --chip-surface: #dfe1e5; --link-accent: #006ce7; --embed-field-name: #2e3035;
}
.preview-app .component-button { color: #2e3035; }
.preview-app .button-style-1, .preview-app .button-style-3, .preview-app .button-style-4 { color: #ffffff; }
.preview-app .mention, .preview-app .command-mention { color: #2f3cb0; }
"""


async def shoot(options: argparse.Namespace) -> None:
    """Take all requested pictures."""
    intents, rows = discord.Intents(guilds=True, guild_messages=True), list[tuple[str, str, int, int]]()
    client = discord.AutoShardedClient(intents=intents, shard_ids=[0], shard_count=1)
    async with simcord.run(client, check_errors=False, settle_timeout=PATIENCE) as world:
        assert world.bot.user is not None, "logged in by simcord"
        await world.bot.user.edit(username="NotJustYou")
        guild = world.create_guild("Character Fans")
        channel = guild.create_text_channel("general")
        alice = guild.add_member(world.create_user("alice", global_name="Alice"))
        places = Places(
            thread=guild.create_text_channel("Character.AI: what people see").id,
            general=channel.id,
            help=guild.create_text_channel("help").id,
            outages=guild.create_text_channel("outages").id,
            moderators=guild.create_text_channel("moderators").id,
            role=guild.create_role("Outages").id,
            moderator=alice.id,
        )
        named = makers(int(world.now().timestamp()), places)
        wanted = {name: make for name, make in named.items() if any(name.startswith(one) for one in options.only)}
        async with world.preview(channel, viewers=[alice], layout="channel", port=0) as preview, page(preview) as shown:
            for language in options.languages:
                for name, make in wanted.items():
                    rows += await _card(world, preview, shown, channel, (language, name, make), options)
    with (options.out / "heights.tsv").open("w", newline="") as file:
        csv.writer(file, delimiter="\t").writerows([("language", "card", "width", "height"), *rows])
    for language in options.languages:
        for width in options.widths:
            for theme in options.themes:
                sheets.make(options.out, f"{language}/{width}-{theme}", list(wanted))


async def _card(
    world: Any, preview: Preview, shown: Page, channel: Any, card: tuple[str, str, Maker], options: argparse.Namespace
) -> list[tuple[str, str, int, int]]:
    language, name, make = card
    made, rows = make(resources().languages.texts(language)), list[tuple[str, str, int, int]]()
    for theme in options.themes:
        files = [] if made.chart is None else [discord.File(BytesIO(draw(made.chart, Theme(theme))), PICTURE)]
        place = world.bot.get_channel(channel.id)
        message = await place.send(view=made.card, files=files)
        await preview.refresh()
        style = await shown.add_style_tag(content=_LIGHT) if theme == Theme.LIGHT else None
        article = shown.locator(f'article[data-message-id="{message.id}"]')
        await article.wait_for()
        for width in options.widths:
            await shown.set_viewport_size({"width": width, "height": TALL})
            folder = options.out / language / f"{width}-{theme}"
            folder.mkdir(parents=True, exist_ok=True)
            box = await _settled(article)
            inner = await article.locator(".components-v2").bounding_box() or box
            rows.append((language, name, width, round(inner["height"])))
            await shown.screenshot(path=folder / f"{name}.png", clip={**box, "x": 0, "width": width})
        if style is not None:
            await style.evaluate("one => one.remove()")
        await message.delete()
    await preview.refresh()
    return rows


async def _settled(article: Locator) -> FloatRect:
    """The position of the card, once the page has drawn it again for its width."""
    before, loaded = None, "one => [...one.querySelectorAll('img')].every(image => image.naturalWidth > 0)"
    for _ in range(100):
        await asyncio.sleep(0.1)
        with suppress(PageError):
            drawn = await article.evaluate(loaded, timeout=1000)
            now = await article.bounding_box(timeout=1000)
            if now is not None and now == before:
                return now
            before = now if drawn else None
    raise AssertionError("the page never stopped changing")


@asynccontextmanager
async def page(preview: Preview) -> AsyncGenerator[Page]:
    """Open the channel in a browser, without the controls around it."""
    path = chromium()
    assert path is not None, "no Chromium on this machine: apt-get install chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            context = await browser.new_context(
                viewport={"width": 390, "height": TALL}, device_scale_factor=2, bypass_csp=True
            )
            shown = await context.new_page()
            shown.set_default_timeout(PATIENCE * 1000)
            await shown.goto(preview.url)
            await shown.get_by_placeholder("Message #general").wait_for(state="attached")
            await shown.add_style_tag(content=_ONLY_THE_CHANNEL)
            yield shown
        finally:
            await browser.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options, and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("cards"), help="the folder for the pictures")
    parser.add_argument("--only", nargs="*", default=[""], help="only cards whose names begin so")
    parser.add_argument("--languages", nargs="*", default=["en", "de"])
    parser.add_argument("--widths", nargs="*", type=int, default=[390, 1280])
    parser.add_argument("--themes", nargs="*", default=[str(theme) for theme in Theme])
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    asyncio.run(shoot(options))


if __name__ == "__main__":
    main()
