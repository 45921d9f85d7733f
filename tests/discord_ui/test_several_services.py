"""A server that follows several services: replies, counts and announcements of each are separate."""

import json
from collections.abc import AsyncIterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from bot.app import App, open_app
from bot.core.outage_life import Phase
from bot.demo.stage import WorldClock
from bot.usecases.ports import Sleep
from tests.content.test_services import SERVICE as FILE
from tests.content.test_services import write
from tests.discord_ui.conftest import SERVICE, FakeSource, Stage, make_settings, menus_of, text_of
from tests.resources import resources

OTHER, THIRD = "examplia", "zetalia"
SAID = {SERVICE: "is cai down for anyone else?", OTHER: "is examplia down for anyone else?"}
NAMES = {SERVICE: "Character.AI", OTHER: "Examplia"}


@pytest.fixture
async def app(tmp_path: Path, source: FakeSource, clock: WorldClock, waits: Sleep) -> AsyncIterator[App]:
    folder = write(tmp_path / "services")
    write(folder, THIRD, FILE.replace("Examplia", "Zetalia").replace("examplia", THIRD))
    settings = make_settings(tmp_path, services_dir=folder)
    async with open_app(settings, clock=clock, source=source, resources=resources(), jobs=False, wait=waits) as opened:
        yield opened
        assert not opened.base.failures.unexpected, opened.base.failures.unexpected


async def follow(stage: Stage, *services: str, **more: Any) -> None:
    values = {"service": services[0], "more_services": list(services[1:]), **more}
    await stage.app.setup.configure.change(stage.guild.id, stage.mod.id, values)


class Crowds:
    """People who report each service by itself, in other servers, and the minutes that pass."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.people = 1000
        self.servers = [stage.env.create_guild(f"Elsewhere {number}") for number in range(7)]

    async def minute(self, **reports: int) -> None:
        base = self.stage.app.base
        for service_id, number in reports.items():
            for _ in range(number):
                self.people += 1
                service = base.services.get(service_id.replace("_", "-"))
                await self.stage.app.reports.record.report(service, self.people, self.servers[self.people % 7].id, None)
        await self.stage.env.advance_time(60)
        await self.stage.app.outages.watch.tick()
        for _ in range(2):
            await self.stage.app.outages.announce.round()
        await self.stage.env.settle()

    async def learn(self) -> None:
        """Two quiet days of both, one report an hour."""
        await self.minute()
        now = int(self.stage.env.now().timestamp()) // 60
        for service_id in (SERVICE, OTHER):
            detector = self.stage.app.outages.states.detector(service_id)
            for minute in range(now - 2880, now):
                detector.update(minute, int(minute % 60 == 0), int(minute % 60 < 15))
        await self.minute()

    def phase(self, service_id: str) -> Phase | None:
        current = self.stage.app.base.outages.current(service_id)
        return current and current.phase

    async def until(self, phases: dict[str, Phase | None], most: int = 120, **reports: int) -> None:
        for _ in range(most):
            await self.minute(**reports)
            if all(self.phase(one) is phase for one, phase in phases.items()):
                return
        raise AssertionError(f"not {phases} within {most} minutes")


def posted(stage: Stage, channel: Any) -> list[Any]:
    return [m for m in channel.history() if m.author.id == stage.env.bot.user.id and m.components]


def calls(stage: Stage, news: Any) -> list[str]:
    """Where people were called that it is back, in the channel and in its threads."""
    said = [text_of(m) for place in (news, *news.threads) for m in posted(stage, place)]
    return [text for text in said if "<@" in text]


async def test_setup_chooses_what_a_server_follows_and_its_own(stage: Stage) -> None:
    panel = (await stage.mod.slash(stage.channel, "setup")).response
    await stage.choose(panel, "more_services", [OTHER])
    document = stage.app.setup.configure.export(stage.guild.id)
    assert (document["service"], document["more_services"]) == (None, [OTHER])
    await stage.choose(panel, "service", [THIRD])
    [menu] = [menu for menu in menus_of(panel) if menu["placeholder"] == "More services"]
    offered = {one["value"]: one.get("default", False) for one in menu["options"]}
    assert offered[OTHER] and THIRD not in offered and not offered[SERVICE], "its own is not offered"
    assert next(iter(offered)) == OTHER, "what is chosen comes first"
    await stage.choose(panel, "more_services", [])
    document = stage.app.setup.configure.export(stage.guild.id)
    assert (document["service"], document["more_services"]) == (THIRD, [])
    log = await stage.app.setup.configure.log(stage.guild.id)
    assert {entry.change.field for entry in log} == {"service", "more_services"}


async def test_messages_commands_and_counts_are_told_apart(stage: Stage) -> None:
    await follow(stage, SERVICE, OTHER)
    await stage.turn_replies_on()
    for person, service_id in ((stage.ann, SERVICE), (stage.bob, OTHER)):
        await person.send(stage.channel, SAID[service_id])
    first, second = stage.replies()
    assert {NAMES[SERVICE] in text_of(first), NAMES[OTHER] in text_of(second)} == {True}
    await stage.ann.click(first, label="Broken")
    await stage.bob.click(second, label="Broken")
    for service_id in (SERVICE, OTHER):
        card = await stage.mod.slash(stage.channel, "500", service=service_id)
        assert f"**1 person** reports trouble with {NAMES[service_id]}." in text_of(card.response)
        status = await stage.mod.slash(stage.channel, "status", service=service_id)
        assert f"**1 person** reports trouble with {NAMES[service_id]}." in text_of(status.response)
    third = await stage.mod.slash(stage.channel, "500", service=THIRD)
    assert "Zetalia: no reports in the last 15 minutes" in text_of(third.response)


async def test_two_services_that_fail_at_once_do_not_mix(stage: Stage) -> None:
    news, crowds = stage.guild.create_text_channel("news"), Crowds(stage)
    await follow(stage, SERVICE, OTHER, outage_channel=str(news.id))
    await stage.turn_replies_on()
    await crowds.learn()
    await crowds.until({SERVICE: Phase.ON, OTHER: Phase.ON}, character_ai=6, examplia=9)
    messages = {
        name: [m for m in posted(stage, news) if f"{name}: it's not just you" in text_of(m)] for name in NAMES.values()
    }
    assert [len(found) for found in messages.values()] == [1, 1]
    assert len(news.threads) == 2
    assert {thread.name.partition(":")[0] for thread in news.threads} == set(NAMES.values())

    waiting = {SERVICE: stage.ann, OTHER: stage.bob}
    for service_id, person in waiting.items():
        [message] = messages[NAMES[service_id]]
        await person.click(message, label="Tell me when it's back")
    await stage.ann.send(stage.channel, SAID[SERVICE])
    await stage.bob.send(stage.channel, SAID[OTHER])
    replies = {name: [m for m in stage.replies() if f"trouble with {name}" in text_of(m)] for name in NAMES.values()}
    assert [len(found) for found in replies.values()] == [1, 1]
    together = {
        name: f"Also having trouble: {other}. It may be the same cause." for name, other in permutations(NAMES.values())
    }
    for name, line in together.items():
        card = await stage.mod.slash(stage.channel, "500", service=name)
        assert line in text_of(card.response) and line in text_of(replies[name][0])
    await crowds.minute(character_ai=6, examplia=9)
    for name, line in together.items():
        [message] = [m for m in posted(stage, news) if text_of(m).startswith(f"## {name}")]
        assert line in text_of(message)

    await crowds.until({SERVICE: Phase.RECOVERING, OTHER: Phase.ON}, examplia=9)
    await crowds.minute(examplia=9)
    [called] = calls(stage, news)
    assert f"<@{stage.ann.id}>" in called and NAMES[SERVICE] in called
    [well], [failing] = (
        [m for m in posted(stage, news) if text_of(m).startswith(f"## {name}")] for name in NAMES.values()
    )
    assert "looks back to normal" in text_of(well) and "it's not just you" in text_of(failing)
    assert "Also having trouble" not in text_of(well) + text_of(failing), "only one of them fails now"
    await stage.app.replies.live.refresh()
    await stage.env.settle()
    ended, live = (next(m for m in stage.replies() if m.id == replies[name][0].id) for name in NAMES.values())
    assert "Looks back to normal" in text_of(ended) and "It's not just you" in text_of(live)

    await crowds.until({SERVICE: None, OTHER: Phase.ON}, examplia=9)
    await crowds.until({OTHER: None})
    await crowds.minute()
    [_, called] = calls(stage, news)
    assert f"<@{stage.bob.id}>" in called and NAMES[OTHER] in called
    assert all("the outage is over" in text_of(m) for m in posted(stage, news) if text_of(m).startswith("## "))
    outages = stage.app.base.outages
    assert [len(outages.recent(one)) for one in (SERVICE, OTHER, THIRD)] == [1, 1, 0]


async def test_a_server_is_told_only_of_what_it_follows(stage: Stage) -> None:
    news, crowds = stage.guild.create_text_channel("news"), Crowds(stage)
    await follow(stage, SERVICE, outage_channel=str(news.id))
    await stage.app.setup.configure.change(777, stage.mod.id, {"service": OTHER})  # another server follows it
    await crowds.learn()
    await crowds.until({OTHER: Phase.ON}, examplia=9)
    assert posted(stage, news) == []
    await follow(stage, SERVICE, OTHER)
    await crowds.minute(examplia=9)
    [message] = posted(stage, news)
    assert "Examplia: it's not just you" in text_of(message)


async def test_what_nobody_follows_is_neither_looked_at_nor_learnt(stage: Stage, source: FakeSource) -> None:
    app = stage.app
    assert [one.id for one in app.base.followed] == [SERVICE]
    await app.status.looks.tick()
    await stage.env.settle()
    await stage.until(lambda: source.looks == 2)
    assert [app.base.signals.get(one, s) for one in (OTHER, THIRD) for s in ("probe",)] == [None, None]
    await follow(stage, SERVICE, OTHER)
    await app.status.looks.tick()
    await stage.until(lambda: source.looks == 3)
    assert app.base.signals.get(THIRD, "probe") is None


async def test_trying_a_message_says_which_service_it_is_about(stage: Stage) -> None:
    await follow(stage, SERVICE, OTHER)
    await stage.turn_replies_on()
    panel = (await stage.mod.slash(stage.channel, "setup")).response
    form = await stage.mod.click(panel, label="Try a message")
    shown = await stage.mod.submit_modal(form, {"text": SAID[OTHER]})
    assert "About Examplia" in text_of(shown.response) and "I would answer this" in text_of(shown.response)


async def test_what_a_server_follows_goes_with_its_settings(stage: Stage) -> None:
    await follow(stage, OTHER, SERVICE)
    document = json.loads(json.dumps(stage.app.setup.configure.export(stage.guild.id)))
    after = await stage.app.setup.configure.take_over(777, stage.mod.id, document)
    assert (after.service, after.more_services) == (OTHER, frozenset({SERVICE}))
