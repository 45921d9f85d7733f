"""Commands are told to Discord only when they changed: the hash of what was told last is kept."""

import json
from hashlib import sha256
from typing import Any

import structlog
from discord import app_commands

from bot.usecases.ports import Meta

_KEY = "commands"
_log = structlog.get_logger(__name__)


async def sync_commands(tree: app_commands.CommandTree[Any], meta: Meta) -> None:
    """Tell Discord our commands if they differ from what it was told last."""
    told = [
        await command.get_translated_payload(tree, tree.translator) if tree.translator else command.to_dict(tree)
        for command in tree.get_commands()
    ]
    application = str(tree.client.application_id)
    digest = sha256(json.dumps([application, told], sort_keys=True).encode()).hexdigest()
    if await meta.get(_KEY) == digest:
        return
    synced = await tree.sync()
    await meta.put(_KEY, digest)
    _log.info("commands synced", commands=[command.name for command in synced])


async def forget_sync(meta: Meta) -> None:
    """Have the next login tell Discord our commands, whatever it was told last."""
    await meta.put(_KEY, "")
