"""The bare bot, the baseline of the measurements: `python -m benchmarks.gateway.bare KIND`.

`same` has our settings: the same intents, no caches, orjson, zstd, uvloop. `deaf` is the same without a handler for
messages. `libraries` also loads the other libraries that we use, but does not use them. `pip` is discord.py after a
plain install, with the content intent: json, zlib, asyncio. All answer `/500` and a press with a constant card, built
once, which has the same parts as ours: texts, menus, buttons.
"""

import asyncio
import os
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any

KIND = sys.argv[1]
if KIND == "pip":
    # Hide the libraries that do not come with the plain package.
    sys.modules.update({"orjson": None, "zstandard": None})  # type: ignore[dict-item]
if KIND == "libraries":
    for name in (
        "aiolimiter",
        "aiosqlite",
        "click",
        "discord.ext.commands",
        "marshmallow",
        "polib",
        "sqlalchemy.dialects.sqlite.aiosqlite",
    ):
        import_module(name)

import discord  # noqa: E402 - which libraries exist is decided above
import yarl  # noqa: E402
from discord import app_commands, ui  # noqa: E402
from discord.gateway import DiscordWebSocket  # noqa: E402
from discord.http import Route  # noqa: E402

TEXTS = (330, 1030)
"""Letters in the texts of the card, about as many as in ours; the table shows the sizes."""

SYMPTOMS, STEPS = 18, 7
"""Choices in the menus of the card."""

LABELS = ("Broken for me", "More help")
LABELS_OF_ANSWER = ("Works for me again", "What helps?")


def options() -> dict[str, Any]:
    """The arguments of the client."""
    if KIND == "pip":
        intents = discord.Intents.default()
        intents.message_content = True
        return {"intents": intents}
    wanted = discord.Intents(
        guilds=True,
        guild_messages=True,
        dm_messages=True,
        guild_reactions=True,
        auto_moderation_execution=True,
        message_content=True,
    )
    return {
        "intents": wanted,
        "max_messages": None,
        "member_cache_flags": discord.MemberCacheFlags.none(),
        "chunk_guilds_at_startup": False,
    }


def menu(choices: int) -> ui.ActionRow[Any]:
    """A menu with choices as long as ours."""
    options = [discord.SelectOption(label="Messages will not send", value=str(number)) for number in range(choices)]
    return ui.ActionRow(ui.Select(custom_id=f"n1:menu-{choices}:character-ai", placeholder="Choose", options=options))


def buttons(labels: Iterable[str]) -> ui.ActionRow[Any]:
    """A row of buttons."""
    return ui.ActionRow(*(ui.Button(label=label, custom_id=f"n1:{label}:character-ai") for label in labels))


def card() -> ui.LayoutView:
    """The constant answer to `/500`: texts with a rule between them, two menus, a row of buttons."""
    view = ui.LayoutView(timeout=None)
    container: ui.Container[Any] = ui.Container(accent_colour=discord.Colour.blurple())
    for number, size in enumerate(TEXTS):
        if number:
            container.add_item(ui.Separator())
        container.add_item(ui.TextDisplay("word " * (size // 5)))
    for row in (menu(SYMPTOMS), menu(STEPS), buttons(LABELS)):
        container.add_item(row)
    view.add_item(container)
    view.stop()
    return view


def counted() -> ui.LayoutView:
    """The constant answer to a press: a sentence, a menu, a row of buttons."""
    view = ui.LayoutView(timeout=None)
    for item in (ui.TextDisplay("Counted. You are the first."), menu(SYMPTOMS), buttons(LABELS_OF_ANSWER)):
        view.add_item(item)
    view.stop()
    return view


class Bare(discord.Client):
    """A client with one command."""

    def __init__(self) -> None:
        super().__init__(**options())
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        """Register the command with Discord."""
        self.card, self.counted = card(), counted()
        self.tree.command(name="500", description="Answers a constant")(self.answer)
        await self.tree.sync()

    async def answer(self, interaction: discord.Interaction) -> None:
        """`/500`."""
        await interaction.response.send_message(view=self.card)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """A press."""
        if interaction.type is discord.InteractionType.component:
            await interaction.response.send_message(view=self.counted, ephemeral=True)

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Ignore a reaction."""

    if KIND != "deaf":

        async def on_message(self, message: discord.Message) -> None:
            """Ignore a message."""


async def main() -> None:
    """Run until the process is ended."""
    address = os.environ["DISCORD_API_URL"]
    Route.BASE = address
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(address.replace("http", "ws", 1).replace("/api/v10", "/gateway"))
    async with Bare() as client:
        await client.start(os.environ["DISCORD_TOKEN"])


if __name__ == "__main__":
    if KIND == "pip":
        asyncio.run(main())
    else:
        import uvloop

        uvloop.run(main())
