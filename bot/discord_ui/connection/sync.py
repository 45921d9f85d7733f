"""Sends our commands to Discord, but only if they changed: a hash of the last sent ones is kept."""

import json
import logging
from hashlib import sha256
from typing import Any

from discord import app_commands

from bot.usecases.ports import Meta

_KEY = "commands"
_logger = logging.getLogger(__name__)


async def sync_commands(tree: app_commands.CommandTree[Any], meta: Meta) -> None:
    """Send our commands to Discord if they differ from those sent last."""
    payloads = [
        await command.get_translated_payload(tree, tree.translator) if tree.translator else command.to_dict(tree)
        for command in tree.get_commands()
    ]
    application = str(tree.client.application_id)
    digest = sha256(json.dumps([application, payloads], sort_keys=True).encode()).hexdigest()
    if await meta.get(_KEY) == digest:
        return
    synced = await tree.sync()
    await meta.put(_KEY, digest)
    _logger.info("commands synced", extra={"commands": [command.name for command in synced]})


async def forget_sync(meta: Meta) -> None:
    """Make the next login send our commands to Discord in any case."""
    await meta.put(_KEY, "")
