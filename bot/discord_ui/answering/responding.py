"""Answers interactions within Discord's three seconds, even if they were already answered."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import discord

from bot.discord_ui.render.layout import Card

PATIENCE = 1.5
"""Seconds after which a person sees "thinking…" instead of nothing."""
_ANSWER_WITHIN = 2.5
"""discord.py would retry a failing callback for 25 seconds, but after three the token is no longer valid."""


async def send(
    interaction: discord.Interaction, card: Card, *, private: bool, file: tuple[str, bytes] | None = None
) -> None:
    """Send a card: as the answer, or as a follow-up if the interaction is already answered."""
    files: dict[str, Any] = {}
    if file is not None:
        files["files"] = [discord.File(BytesIO(file[1]), file[0])]
    response = interaction.response
    if not response.is_done():
        async with asyncio.timeout(_ANSWER_WITHIN):
            await response.send_message(view=card, ephemeral=private, **files)
    elif response.type is discord.InteractionResponseType.deferred_channel_message:
        if files:
            files = {"attachments": files["files"]}
        await interaction.edit_original_response(view=card, **files)
    else:
        await interaction.followup.send(view=card, ephemeral=private, **files)


async def update(interaction: discord.Interaction, card: Card) -> None:
    """Replace the message that the pressed component is on."""
    if interaction.response.is_done():
        await interaction.edit_original_response(view=card)
    else:
        async with asyncio.timeout(_ANSWER_WITHIN):
            await interaction.response.edit_message(view=card)


@asynccontextmanager
async def defer_if_slow(
    interaction: discord.Interaction, *, private: bool = True, replacing: bool = False
) -> AsyncGenerator[None]:
    """Show "thinking…" if the work inside takes long, so that the answer is not too late.

    With `replacing` the answer replaces the pressed card, which stays unchanged until then.
    """
    deferring: list[asyncio.Task[None]] = []

    def be_late() -> None:
        deferring.append(asyncio.create_task(_think(interaction, private, not replacing), name="patience"))

    # A timer instead of a task, because most answers come long before.
    timer = asyncio.get_running_loop().call_later(PATIENCE, be_late)
    try:
        yield
    finally:
        timer.cancel()
        # If it is deferring right now, wait for that, because the answer must come after it.
        if deferring:
            await asyncio.gather(*deferring, return_exceptions=True)


async def _think(interaction: discord.Interaction, private: bool, thinking: bool) -> None:  # noqa: FBT001
    if not interaction.response.is_done():
        await interaction.response.defer(ephemeral=private, thinking=thinking)
