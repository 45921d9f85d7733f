"""The command tree: failures of checks, autocomplete and commands all go to the error table."""

from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice

from bot.discord_ui.answering.failures import Failures

Autocomplete = Callable[[Any, discord.Interaction, str], Awaitable[list[Choice[str]]]]


class Tree(app_commands.CommandTree[Any]):
    """Passes errors of commands to `failures`, including those that discord.py would drop."""

    def __init__(self, client: discord.Client, *, failures: Failures) -> None:
        super().__init__(client)
        self.failures = failures

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Ignore autocomplete for an option that the command does not have. discord.py would log it as a failure."""
        if interaction.type is not discord.InteractionType.autocomplete:
            return True
        data: Any = interaction.data or {}
        command = self.get_command(str(data.get("name")))
        if not isinstance(command, app_commands.Command):
            return False
        known = {parameter.display_name for parameter in command.parameters}
        return {option.get("name") for option in data.get("options", ())} <= known

    async def on_error(self, interaction: discord.Interaction, error: app_commands.AppCommandError, /) -> None:
        """Handle the failure of a command or its check."""
        name = interaction.command.qualified_name if interaction.command else "unknown command"
        await self.failures.answer(interaction, error, f"/{name}")


def everywhere(command: Any) -> Any:
    """For members' commands: in servers, in direct messages, and anywhere for people who installed the bot."""
    command = app_commands.allowed_installs(guilds=True, users=True)(command)
    return app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(command)


def servers_only(command: Any) -> Any:
    """For moderators' commands, in servers only. Explicit, because defaults of the tree would override `guild_only`."""
    command = app_commands.allowed_installs(guilds=True, users=False)(command)
    command = app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)(command)
    return app_commands.default_permissions(manage_guild=True)(command)


def must_manage_server(interaction: discord.Interaction) -> None:
    """Check a moderator's permission again, because admins can change who may use a command.

    Raises app_commands.MissingPermissions or NoPrivateMessage.
    """
    if interaction.guild_id is None:
        raise app_commands.NoPrivateMessage
    if not interaction.permissions.manage_guild:
        raise app_commands.MissingPermissions(["manage_guild"])


def careful(complete: Autocomplete) -> Callable[..., Coroutine[Any, Any, list[Choice[str]]]]:
    """Autocomplete that logs its failure and offers nothing. discord.py would swallow the failure."""

    @wraps(complete)
    async def wrapped(cog: Any, interaction: discord.Interaction, current: str) -> list[Choice[str]]:
        try:
            return await complete(cog, interaction, current)
        except Exception as error:
            tree = interaction.client.tree  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue, reportUnknownVariableType]
            if isinstance(tree, Tree):
                tree.failures.note(error, "autocomplete")
            return []

    return wrapped
