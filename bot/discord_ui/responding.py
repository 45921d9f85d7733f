"""Answering an interaction, whatever was answered before, and within Discord's three seconds."""

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
"""discord.py would retry a failing callback for 25 seconds; the token is dead after three."""


async def send(
    interaction: discord.Interaction, card: Card, *, private: bool, file: tuple[str, bytes] | None = None
) -> None:
    """Send a card: as the answer, or as a follow-up when the interaction was answered before."""
    files: dict[str, Any] = {}
    if file is not None:
        files["files"] = [discord.File(BytesIO(file[1]), file[0])]
    response = interaction.response
    if not response.is_done():
        await asyncio.wait_for(response.send_message(view=card, ephemeral=private, **files), _ANSWER_WITHIN)
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
        await asyncio.wait_for(interaction.response.edit_message(view=card), _ANSWER_WITHIN)


@asynccontextmanager
async def patiently(
    interaction: discord.Interaction, *, private: bool = True, replacing: bool = False
) -> AsyncGenerator[None]:
    """Show "thinking…" if the work inside takes long, so that the answer is never too late.

    With `replacing` the answer will take the place of the card that was pressed, which stays as it is meanwhile.
    """
    late = asyncio.Event()
    timer = asyncio.create_task(_think_after(PATIENCE, late, interaction, private, not replacing), name="patience")
    try:
        yield
    finally:
        if not late.is_set():
            timer.cancel()
        # If it is deferring right now, that goes on to its end: the answer must come after it.
        await asyncio.gather(timer, return_exceptions=True)


async def _think_after(
    seconds: float,
    late: asyncio.Event,
    interaction: discord.Interaction,
    private: bool,  # noqa: FBT001
    thinking: bool,  # noqa: FBT001
) -> None:
    await asyncio.sleep(seconds)
    late.set()
    if not interaction.response.is_done():
        await interaction.response.defer(ephemeral=private, thinking=thinking)
