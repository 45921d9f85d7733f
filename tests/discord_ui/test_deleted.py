"""Deleted data is gone: from every table, and from the bytes of the file.

`LEDGER` lists whose data each column holds. A table or column that is not in it fails here, and so does one that the
actions below do not fill. For a new one, decide what `/privacy`, `notjustyou forget`, the retention and the purge of a
server do with it, and describe it in `docs/privacy.md`.
"""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect

from bot.core.outage_life import Phase
from bot.core.privacy import ReporterKey
from bot.storage.tables import metadata
from bot.usecases.outages.ports import WatchStep
from bot.usecases.outages.send_webhooks import Receivers, WebhookEvents
from bot.usecases.replies.ports import RuleVote
from bot.usecases.upkeep.forget_servers import GRACE
from bot.usecases.upkeep.retention import REPORTS_KEPT_FOR
from tests.canaries import Watch
from tests.discord_ui.conftest import SERVICE, Crowd, Stage, nothing_due, text_of

PERSON, SERVER, BOTH, NOBODY = "a person's", "a server's", "a person's and a server's", "nobody's"
KEY = ReporterKey(b"\xab" * 32)
DOCS = Path(__file__).parents[2] / "docs" / "privacy.md"

LEDGER: dict[str, tuple[str, dict[str, str]]] = {
    # table: (its row in docs/privacy.md, {column: whose data it holds})
    "report": (
        "Reports",
        {
            "id": NOBODY,
            "service_id": NOBODY,
            "guild_id": SERVER,
            "reporter": PERSON,
            "symptom": NOBODY,
            "at": NOBODY,
            "young": NOBODY,
        },
    ),
    "hour_count": ("Counts per hour", {"service_id": NOBODY, "hour": NOBODY, "reports": NOBODY}),
    "watch": ("Usual numbers", {"service_id": NOBODY, "document": NOBODY}),
    "guild_settings": ("Server settings", {"guild_id": SERVER, "document": BOTH}),
    "settings_change": (
        "Change log of settings",
        {"id": NOBODY, "guild_id": SERVER, "at": NOBODY, "moderator_id": PERSON, "document": SERVER},
    ),
    "opt_out": ("“No auto-replies for me”", {"reporter": PERSON, "at": NOBODY}),
    "auto_reply": (
        "Our auto-replies",
        {
            "message_id": NOBODY,
            "channel_id": SERVER,
            "guild_id": SERVER,
            "service_id": NOBODY,
            "at": NOBODY,
            "rule": NOBODY,
            "symptom": NOBODY,
        },
    ),
    "rule_score": (
        "Scores of rules",
        {"guild_id": SERVER, "rule": NOBODY, "replies": NOBODY, "wrong": NOBODY, "off": NOBODY, "since": NOBODY},
    ),
    "rule_vote": (
        "Votes on wrong replies",
        {"guild_id": SERVER, "rule": NOBODY, "voter": PERSON, "at": NOBODY},
    ),
    "step_count": (
        "Helpful steps",
        {"service_id": NOBODY, "symptom": NOBODY, "step": NOBODY, "helped": NOBODY},
    ),
    "day_count": (
        "Counts per day and server",
        {"guild_id": SERVER, "what": NOBODY, "day": NOBODY, "times": NOBODY},
    ),
    "outage": (
        "Outages",
        {
            "id": NOBODY,
            "service_id": NOBODY,
            "guild_id": SERVER,
            "phase": NOBODY,
            "began": NOBODY,
            "document": NOBODY,
        },
    ),
    "post": (
        "Messages about outages",
        {
            "id": NOBODY,
            "outage_id": NOBODY,
            "kind": NOBODY,
            "guild_id": SERVER,
            "channel_id": SERVER,
            "people": PERSON,
            "attempted": NOBODY,
            "message_id": NOBODY,
            "thread_id": NOBODY,
            "pinged": NOBODY,
            "reminded": NOBODY,
            "lost": NOBODY,
        },
    ),
    "subscriber": (
        "“Tell me when it's back”",
        {
            "service_id": NOBODY,
            "scope": NOBODY,
            "user_id": PERSON,
            "guild_id": SERVER,
            "channel_id": SERVER,
            "at": NOBODY,
        },
    ),
    "closed_channel": (
        "Channels where Discord does not let the bot write",
        {"channel_id": SERVER, "guild_id": SERVER, "at": NOBODY, "code": NOBODY, "told": NOBODY},
    ),
    "webhook": (
        "Webhooks",
        {"id": NOBODY, "receiver": NOBODY, "message_id": NOBODY, "document": NOBODY, "at": NOBODY},
    ),
    "removed_server": ("Servers that removed the bot", {"guild_id": SERVER, "at": NOBODY}),
    "service": ("Facts about the installation", {"id": NOBODY, "slug": NOBODY}),
    "meta": ("Facts about the installation", {"key": NOBODY, "value": NOBODY}),
    "alembic_version": ("Facts about the installation", {"version_num": NOBODY}),
    "sqlite_sequence": ("Facts about the installation", {"name": NOBODY, "seq": NOBODY}),
}
NEVER_ON_SQLITE: dict[str, tuple[str, dict[str, str]]] = {
    # Only filled if several processes share a PostgreSQL. `tests/storage/test_cluster.py` tests how these rows end.
    "change_event": (
        "Change events between processes of the bot",
        {"id": NOBODY, "origin": NOBODY, "at": NOBODY, "document": BOTH},
    ),
    "lease": ("Facts about the installation", {"name": NOBODY, "holder": NOBODY, "fence": NOBODY, "until": NOBODY}),
}
STAYS = {("opt_out", "reporter"), ("guild_settings", "document"), ("rule_vote", "voter")}
"""Where a person still occurs after deleting everything, as a hash: their opt-out, a moderator's choice to ignore them,
and for 30 days their votes on wrong replies, so that they cannot vote again and again."""


def columns(whose: str) -> set[tuple[str, str]]:
    """The columns with data of this kind."""
    return {(table, name) for table, (_, held) in LEDGER.items() for name, of in held.items() if of in {whose, BOTH}}


def cells(file: Path) -> Iterator[tuple[str, str, Any]]:
    """Every value of every table, including tables that SQLAlchemy does not know."""
    with closing(sqlite3.connect(file)) as database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            found = database.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in found.description]
            for row in found:
                for name, value in zip(names, row, strict=True):
                    yield table, name, value


def found(file: Path, numbers: Collection[int]) -> set[tuple[str, str]]:
    """The columns in which any of these numbers occurs, as a value or within a text."""
    wanted = [str(number) for number in numbers]
    return {(table, name) for table, name, value in cells(file) if any(one in str(value) for one in wanted)}


def traces(folder: Path, number: int) -> list[str]:
    """The database files that contain the number, as SQLite writes it into a row, or as text."""
    forms = ((number % 2**64).to_bytes(8, "big"), str(number).encode())
    return [file.name for file in folder.glob("bot.db*") if any(form in file.read_bytes() for form in forms)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


@pytest.fixture
async def lived(stage: Stage, crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A server with a moderator who has done everything that stores data."""
    person, app = stage.mod, stage.app
    await stage.turn_replies_on(outage_channel=str(stage.channel.id))
    await app.setup.configure.change(stage.guild.id, person.id, {"ignored": [str(KEY.listed(person.id))]})
    await person.slash(stage.channel, "report", symptom="login")
    await stage.ann.send(stage.channel, "is cai down for anyone else?")
    panel = await person.slash(stage.channel, "setup")
    page = await stage.turn(panel.response, "Outages", person)
    await stage.simulate(page.response, stage.channel, person)
    await crowd.until(Phase.ON, 6)
    while not (simulations := [outage for outage in app.base.outages.open() if outage.simulated]):
        await app.outages.simulate.tick()
    await app.base.stores.hours.fold(0, 1, [SERVICE])
    asked = await person.slash(stage.channel, "500")
    await person.click(asked.response, label="Tell me when it's back")
    guide = await person.click(asked.response, label="What helps?")
    await person.select(guide.response, ["0"], custom_id=f"n1:helped:{SERVICE}:login")
    monkeypatch.setattr(
        app.outages.announce, "_find_due", nothing_due
    )  # nothing can be sent for a while, so the notification stays pending
    await crowd.until(Phase.RECOVERING, 0)
    service = app.base.services.get(SERVICE)
    [outage] = app.base.outages.recent(SERVICE)
    events = WebhookEvents(app.base.services, Receivers.at(["https://example.org/in"], b"k" * 32), app.base.clock)
    pending = events.about(replace(outage, phase=Phase.ON), outage)
    await app.base.stores.outages.write(WatchStep(SERVICE, deliveries=pending))
    for scope in (0, simulations[0].id):
        await app.upkeep.privacy._waiting.wait(service, person.id, stage.guild.id, stage.channel.id, scope)
    await app.base.stores.votes.add(RuleVote(stage.guild.id, "question", KEY.voter(person.id), 1))
    shown = await person.slash(stage.channel, "privacy")
    await person.click(shown.response, label="Don't reply to me")
    await app.outages.announce._closed.close(stage.guild.id, stage.channel.id, 50013)
    await app.upkeep.servers.removed(stage.guild.id)
    return stage


def ids_of(stage: Stage) -> list[int]:
    return [stage.guild.id, stage.channel.id]


def hashes(user_id: int) -> list[int]:
    return [user_id, KEY.reporter(user_id), KEY.listed(user_id), KEY.voter(user_id)]


@pytest.mark.usefixtures("lived")
async def test_every_table_and_column_is_accounted_for(file: Path) -> None:
    engine = create_engine(f"sqlite:///{file}")
    schema = inspect(engine)
    real = {table: {column["name"] for column in schema.get_columns(table)} for table in schema.get_table_names()}
    engine.dispose()
    listed = {table: set(held) for table, (_, held) in (LEDGER | NEVER_ON_SQLITE).items()}
    assert real | {"sqlite_sequence": {"name", "seq"}} == listed
    assert {t.name: {c.name for c in t.columns} for t in metadata.sorted_tables}.items() <= listed.items()
    assert {table for table, _, _ in cells(file)} == set(LEDGER), "the acts above leave a row in each"
    page = DOCS.read_text()
    assert [row for row, _ in (*LEDGER.values(), *NEVER_ON_SQLITE.values()) if f"\n| {row} |" not in page] == []


async def test_a_person_who_had_all_deleted_is_in_no_table(lived: Stage, file: Path) -> None:
    person = lived.mod
    assert found(file, hashes(person.id)) == columns(PERSON)
    shown = await person.slash(lived.channel, "privacy")
    card = text_of(shown.response)
    assert "1 report from you" in card and "You changed settings" in card and "You're waiting for 3 services" in card
    document = (await lived.app.upkeep.privacy.show(person.id)).document
    assert all(document.values()), "the export tells of everything"
    await person.click(shown.response, label="Delete mine")
    await person.click(shown.response, label="Delete it")
    assert found(file, hashes(person.id)) == STAYS
    assert found(file, [person.id]) == set(), "what stays is hashed"
    kept = await lived.app.upkeep.privacy.show(person.id)
    assert (kept.reports, kept.changes, kept.waits) == (0, 0, 0)
    assert all(person.id not in post.people for post in lived.app.base.posts.all())


async def test_a_server_that_was_purged_is_in_no_table(lived: Stage, file: Path) -> None:
    assert found(file, ids_of(lived)) == columns(SERVER)
    clock = lived.env.now().timestamp()
    await lived.env.advance_time(GRACE + 1)
    await lived.app.base.stores.reports.purge(int(clock) + GRACE + 1 - REPORTS_KEPT_FOR)
    await lived.app.upkeep.servers.purge()
    assert found(file, ids_of(lived)) == set()
    app = lived.app
    assert (
        app.setup.configure.export(lived.guild.id)["channels"] == [] and app.setup.configure._cache.announced_to() == {}
    )
    assert [post for post in app.base.posts.all() if post.guild_id == lived.guild.id] == []
    assert [outage for outage in app.base.outages.open() if outage.simulated] == []
    assert app.replies.live._cache._replies == {} and not app.outages.announce._closed.of(lived.guild.id)


async def test_what_was_deleted_is_not_in_the_files_bytes(lived: Stage, file: Path) -> None:
    person, reporter = lived.mod.id, KEY.reporter(lived.mod.id)
    assert traces(file.parent, person) and traces(file.parent, reporter)
    await lived.app.upkeep.privacy.delete(person)
    await lived.app.base.stores.opt_outs.delete(reporter)
    await lived.app.upkeep.servers.forget(lived.guild.id)
    assert found(file, [*hashes(person), *ids_of(lived)]) == set()
    await lived.app.base.stores.checkpoint()
    assert [traces(file.parent, number) for number in (*hashes(person), *ids_of(lived))] == [[]] * 6


async def test_a_reporters_id_is_never_in_the_files(stage: Stage, file: Path) -> None:
    """The exceptions are moderators in the change log and subscribers; this test covers all other actions."""
    await stage.turn_replies_on()
    listed = str(KEY.listed(stage.ann.id))
    await stage.app.setup.configure.change(stage.guild.id, stage.mod.id, {"ignored": [listed]})
    await stage.app.setup.configure.change(stage.guild.id, stage.mod.id, {"ignored": []})
    await stage.bob.send(stage.channel, "is cai down for anyone else?")
    [reply] = stage.replies()
    await stage.ann.react(reply, "😭")
    await stage.ann.slash(stage.channel, "report", symptom="login")
    await stage.until(lambda: stage.people() == 1)
    shown = await stage.ann.slash(stage.channel, "privacy")
    await stage.ann.click(shown.response, label="Don't reply to me")
    assert found(file, [KEY.reporter(stage.ann.id)]) == {("report", "reporter"), ("opt_out", "reporter")}
    for person in (stage.ann, stage.bob):
        assert found(file, [person.id]) == set() and traces(file.parent, person.id) == []
    assert traces(file.parent, stage.mod.id), "a moderator is found, so the search can find"


async def test_whoever_was_called_is_not_in_the_files_afterwards(stage: Stage, crowd: Crowd, file: Path) -> None:
    await crowd.until(Phase.ON, 6)
    asked = await stage.ann.slash(stage.channel, "500")
    await stage.ann.click(asked.response, label="Tell me when it's back")
    assert found(file, [stage.ann.id]) == {("subscriber", "user_id")} and traces(file.parent, stage.ann.id)
    await crowd.until(Phase.RECOVERING, 0)
    await crowd.minute()
    assert [m for m in stage.replies() if f"<@{stage.ann.id}>" in text_of(m)]
    await stage.app.base.stores.checkpoint()
    assert found(file, [stage.ann.id]) == set() and traces(file.parent, stage.ann.id) == []


async def test_what_people_write_is_in_no_table_no_file_and_no_log(stage: Stage, file: Path, log_watch: Watch) -> None:
    """`tests/e2e/test_privacy.py` tests the same for a whole process, including its memory."""
    said = "zebrafinch"
    await stage.turn_replies_on()
    await stage.ann.send(stage.channel, f"@{said} is cai down for anyone else?")
    await stage.bob.send(stage.channel, f"{said} says good morning")
    assert len(stage.replies()) == 1
    refused = await stage.ann.slash(stage.channel, "report", symptom=said)
    assert "kind of trouble" in text_of(refused.response) and len(stage.env.errors) == 1
    card = await stage.ann.slash(stage.channel, "support")
    form = await stage.ann.click(card.response, label="Write the report for me")
    filled = await stage.ann.submit_modal(form, {"happened": said, "since": said, "device": said})
    panel = await stage.mod.slash(stage.channel, "setup")
    tried = await stage.press(panel.response, "Try a message")
    shown = await stage.mod.submit_modal(tried, {"text": f"is cai down? {said}"})
    assert said in text_of(filled.response) and said in text_of(shown.response)
    assert [place for *place, value in cells(file) if said in str(value)] == []
    assert [one.name for one in file.parent.glob("bot.db*") if said.encode() in one.read_bytes()] == []
    assert "commands synced" in (log := log_watch.lines.getvalue()) and said not in log
