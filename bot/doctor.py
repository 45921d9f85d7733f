"""`doctor`: checks what works and what does not, and says how to fix it. It changes nothing."""

import asyncio
import os
import shutil
import stat
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bot.content.services import open_services
from bot.content.words import second_head
from bot.core.errors import ConfigurationError, DiscordRefusedError, DiscordUnreachableError, NotJustYouError
from bot.core.reports import DAY
from bot.discord_ui.connection.portal import ask_portal
from bot.env_file import env_file, how_to_install, is_there, no_token
from bot.hearing.encoder import installed
from bot.hearing.encoder_process import EncoderProcess
from bot.settings import Settings, load_settings, unknown_names
from bot.storage import migrate
from bot.storage.backups import backups_of
from bot.storage.database import SqliteDatabase, database
from bot.storage.engine import misplaced, nearest_folder, outdated
from bot.storage.keys import ANOTHER, FILE_NAME, FINGERPRINT, reporter_key
from bot.storage.mounts import network_file_system
from bot.storage.recovery import damage_of, last_recovery, set_aside

if TYPE_CHECKING:
    from bot.storage.postgres_database import PostgresDatabase

_MIN_FREE = 100 * 2**20
_STARTS_WITHIN = 60.0
"""Seconds in which the second stage must start and answer, on a small busy machine."""
_REPORT_RECOVERY_FOR = 7 * DAY


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The result of one check."""

    subject: str
    state: Literal["ok", "warning", "fault"]
    text: str
    """The explanation."""

    @property
    def mark(self) -> str:
        """The state as one character."""
        return {"ok": "✓", "warning": "!", "fault": "✗"}[self.state]


async def examine(*, offline: bool) -> list[Diagnosis]:
    """All findings. `run` cannot work until every fault is fixed."""
    findings: list[Diagnosis] = []
    try:
        settings = load_settings()
    except ConfigurationError as error:
        findings += [Diagnosis("settings", "fault", fault) for fault in error.faults]
    else:
        file = env_file()
        read_from = f"and from {file.absolute()}" if is_there(file) else f"there is no {file.absolute()}"
        findings.append(Diagnosis("settings", "ok", f"all readable, from the environment; {read_from}"))
        findings += [Diagnosis("settings", "warning", f".env: {warning}") for warning in unknown_names()]
        findings += _readable_by_others(file)
        ours = database(settings.database_url)
        about = _file(settings, ours) if isinstance(ours, SqliteDatabase) else _server(settings, ours)
        # In a thread, because PostgreSQL needs its own event loop.
        findings += [_services(settings), await _hearing(settings), *await asyncio.to_thread(list, about)]
        findings += [finding async for finding in _discord(settings, offline=offline)]
    return findings


def _readable_by_others(file: Path) -> list[Diagnosis]:
    """Whether other users of this machine can read the file with the token; Windows has other permissions."""
    if os.name != "posix" or not is_there(file) or not file.is_file() or not stat.S_IMODE(file.stat().st_mode) & 0o077:
        return []
    advice = f"{file}: other users of this machine can read it, and the token in it; run `chmod 600 {file}`"
    return [Diagnosis("settings", "warning", advice)]


def _services(settings: Settings) -> Diagnosis:
    try:
        services = open_services(settings.services_dir)
    except ConfigurationError as error:
        return Diagnosis("services", "fault", str(error))
    return Diagnosis("services", "ok", ", ".join(service.id for service in services.known))


async def _hearing(settings: Settings) -> Diagnosis:
    """The stages of the mention detector in use; the second one is tried."""
    if settings.second_stage == "off":
        return Diagnosis("hearing", "ok", "the first stage; the second is switched off (SECOND_STAGE)")
    if not installed():
        more = f"the second is not installed; {how_to_install('hearing')} adds it"
        return Diagnosis("hearing", "ok", f"the first stage; {more}")
    async with EncoderProcess(second_head, time.monotonic, answer_within=_STARTS_WITHIN) as second:
        if await second.weigh("is it down for anyone else?", 0.0) is not None:
            return Diagnosis("hearing", "ok", "both stages")
    return Diagnosis("hearing", "warning", "the second stage does not answer, so only the first stage is used")


def _server(settings: Settings, ours: "PostgresDatabase") -> Iterator[Diagnosis]:
    try:
        yield Diagnosis("database", "ok", f"{ours.name} answers ({ours.server()})")
    except NotJustYouError as error:
        yield Diagnosis("database", "fault", str(error))
        return
    yield _schema(settings)
    try:
        given = reporter_key(settings.reporter_key, ours.key_folder)
        right = ours.fact(FINGERPRINT) in {None, given.fingerprint()}
    except NotJustYouError as error:
        yield Diagnosis("reporter key", "fault", str(error))
    else:
        yield Diagnosis("reporter key", "ok" if right else "fault", "the database's" if right else ANOTHER)


def _file(settings: Settings, ours: SqliteDatabase) -> Iterator[Diagnosis]:
    path = ours.path
    if fault := outdated() or misplaced(path):
        yield Diagnosis("database", "fault", fault)
        return
    yield Diagnosis("database", "ok", f"{path.absolute()} can be written")
    folder = nearest_folder(path)
    yield _damage(path) or _schema(settings)
    free = shutil.disk_usage(folder).free
    enough = free > _MIN_FREE
    yield Diagnosis("disk", "ok" if enough else "warning", f"{free // 2**20} MiB free")
    if kind := network_file_system(folder):
        risk = f"{folder} is on a network file system ({kind}), where SQLite may damage the database; use a local disk"
        yield Diagnosis("file system", "warning", risk)
    yield from _earlier_damage(path)
    yield _key(settings, path)


def _schema(settings: Settings) -> Diagnosis:
    try:
        state = migrate.schema_state(settings.database_url)
    except NotJustYouError as error:
        return Diagnosis("schema", "fault", str(error))
    if state.current is None:
        return Diagnosis("schema", "ok", "made on the first run")
    if state.fits:
        return Diagnosis("schema", "ok", f"at {state.current}")
    if not state.known:
        return Diagnosis("schema", "fault", f"at {state.current}, which this version does not know")
    return Diagnosis(
        "schema", "warning", f"at {state.current}, needed is {state.head}; `run` migrates it after a backup"
    )


def _damage(path: Path) -> Diagnosis | None:
    """The damage that `run` would find at its start, and its remedy."""
    try:
        damage = damage_of(path)
    except NotJustYouError as error:
        return Diagnosis("damage", "fault", str(error))
    if damage is None:
        return None
    backups = backups_of(path)
    next_ = f"the newest sound backup, from {backups[0].at:%Y-%m-%d %H:%M} UTC or before" if backups else "an empty one"
    first = damage.splitlines()[0]
    return Diagnosis(
        "damage", "fault", f"{path} is damaged ({first}); `run` sets it aside and puts {next_} in its place"
    )


def _earlier_damage(path: Path) -> list[Diagnosis]:
    findings: list[Diagnosis] = []
    recovery = last_recovery(path) if path.exists() else None
    if recovery is not None and time.time() - recovery.at < _REPORT_RECOVERY_FOR:
        lost = f"everything after {_moment(recovery.backup_at)}" if recovery.backup_at else "everything in it"
        what = f"the database was damaged and replaced at {_moment(recovery.at)}; {lost} was lost"
        findings.append(Diagnosis("recovered", "warning", what))
    if aside := set_aside(path):
        names = ", ".join(file.name for file in aside)
        advice = f"{names}: kept beside the database for a month, with people's reports; delete what you do not need"
        findings.append(Diagnosis("set aside", "warning", advice))
    return findings


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def _key(settings: Settings, path: Path) -> Diagnosis:
    file = path.parent / FILE_NAME
    if settings.reporter_key is None and not file.exists():
        if path.exists():
            lost = f"there is a database, but no {file}: with a new key everyone counts as a new person"
            return Diagnosis("reporter key", "warning", f"{lost}; restore it if you have a copy")
        return Diagnosis("reporter key", "ok", "made on the first run, beside the database")
    try:
        reporter_key(settings.reporter_key, path.parent)
    except NotJustYouError as error:
        return Diagnosis("reporter key", "fault", str(error))
    return Diagnosis("reporter key", "ok", "readable")


async def _discord(settings: Settings, *, offline: bool) -> AsyncIterator[Diagnosis]:
    if settings.discord_token is None:
        yield Diagnosis("token", "fault", no_token(env_file()))
        return
    if offline:
        yield Diagnosis("discord", "warning", "not asked (--offline)")
        return
    try:
        portal = await ask_portal(settings.discord_token, settings.discord_api_url)
    except DiscordRefusedError:
        yield Diagnosis("token", "fault", "Discord refuses it; reset it in the Developer Portal > Bot > Reset Token")
        return
    except DiscordUnreachableError as error:
        reason = f"{error}; the token was not checked".removeprefix("Discord ")
        yield Diagnosis("discord", "warning", reason)
        return
    yield Diagnosis("token", "ok", f"accepted; this is {portal.name}")
    if portal.message_content:
        yield Diagnosis("message content", "ok", "granted: auto-replies can read messages")
    else:
        advice = f"not granted, see {portal.page}: only messages that mention the bot get auto-replies"
        yield Diagnosis("message content", "warning", advice)
    if portal.code_grant:
        advice = f"Requires OAuth2 Code Grant is on, so the bot cannot be invited; turn it off at {portal.page}"
        yield Diagnosis("invite", "fault", advice)
    yield Diagnosis("invite", "ok", portal.invite)
