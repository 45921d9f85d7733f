"""Discord's information about a token: its application, and the switches in the Developer Portal."""

import asyncio
from dataclasses import dataclass

import aiohttp
import discord

from bot.core.errors import DiscordRefusedError, DiscordUnreachableError
from bot.discord_ui.connection.client import expect_no_voice, intents
from bot.discord_ui.connection.endpoint import Endpoint
from bot.discord_ui.permissions import invite_link

_WITHIN = 20.0


@dataclass(frozen=True, slots=True)
class Portal:
    """An application as Discord knows it."""

    name: str
    id: int
    message_content: bool
    """Whether the Message Content Intent is on, so that auto-replies can read messages."""
    code_grant: bool = False
    """Whether Requires OAuth2 Code Grant is on. Then the invite link does not work."""

    @property
    def page(self) -> str:
        """The page of the Developer Portal with these switches."""
        return f"https://discord.com/developers/applications/{self.id}/bot"

    @property
    def invite(self) -> str:
        """The link with which a server's admin invites the bot."""
        return invite_link(self.id)


async def ask_portal(token: str, api_url: str | None) -> Portal:
    """Ask Discord about a token. Raises DiscordRefusedError or DiscordUnreachableError."""
    endpoint = Endpoint(api_url)
    expect_no_voice()
    async with discord.Client(intents=intents(message_content=False), connector=endpoint.connector()) as client:
        try:
            async with asyncio.timeout(_WITHIN):
                await client.login(token)
                info = await client.application_info()
        except discord.LoginFailure as error:
            raise DiscordRefusedError from error
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            raise DiscordUnreachableError(f"Discord {endpoint.unreachable(error)}") from error
    flags = info.flags
    readable = flags.gateway_message_content or flags.gateway_message_content_limited
    return Portal(info.name, info.id, readable, info.bot_require_code_grant)
