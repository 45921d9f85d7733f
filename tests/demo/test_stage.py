"""The demo's story, played without the page."""

from pathlib import Path

import discord
import simcord

from bot.app import open_app
from bot.core.shards import Shards
from bot.demo.scenario import Act, Line
from bot.demo.stage import Stage, WorldClock
from bot.demo.status_page import DemoService, serve
from tests.discord_ui.conftest import make_settings
from tests.patience import PATIENCE
from tests.resources import resources


async def test_members_react_to_the_newest_reply_also_after_a_thread_was_started(tmp_path: Path) -> None:
    demo, clock = DemoService(), WorldClock()
    async with serve(demo) as urls:
        folder = tmp_path / "services" / "character-ai"
        folder.mkdir(parents=True)
        sources = f'[sources.official]\nurl = "{urls.closed}"\n[sources.probe]\nurl = "{urls.closed}/health"\n'
        (folder / "service.toml").write_text(sources)
        settings = make_settings(tmp_path, services_dir=folder.parent, allow_private_status_hosts=True)
        async with open_app(settings, clock=clock, resources=resources(), jobs=False) as app:
            client = app.client(message_content=True, shards=Shards((0,), 1))
            async with simcord.run(client, check_errors=False, settle_timeout=PATIENCE) as world:
                clock.world = world
                stage = Stage(world, app, demo)
                await stage.build()
                await stage.act(Line(0, Act.SAY, "ben", "is c.ai down for anyone else?"))
                [channel] = [c for c in client.get_all_channels() if isinstance(c, discord.TextChannel)]
                await (await channel.send("An outage")).create_thread(name="The talk about it")
                await stage.act(Line(1, Act.REACT, "cleo", "👍"))
                said = [message async for message in channel.history()]
    reacted = [message for message in said if message.reactions]
    assert {message.type for message in said} >= {discord.MessageType.thread_created, discord.MessageType.reply}
    assert [message.type for message in reacted] == [discord.MessageType.reply]
