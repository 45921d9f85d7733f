"""Settings, from the environment and `.env`. All faults are reported together; secrets are never printed.

`.env.example` is generated from these fields (`python -m tests.env_example --write`); a test checks that it is current.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import fields as members
from pathlib import Path
from typing import Any, cast

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from bot import REPOSITORY
from bot import setting_values as values
from bot.core.database_address import DatabaseAddress
from bot.core.errors import ConfigurationError, InvalidValueError
from bot.core.shards import MOST_SHARDS, WantedShards, read_shard_settings
from bot.core.versions import newest_release_of
from bot.env_file import default_database, env_file, no_token, read

_LONGEST_SHOWN = 60


FOR_COMPOSE = {
    "POSTGRES_PASSWORD": "The password of the database that `docker compose` makes with the profile `cluster`, in "
    "letters and digits; made by `openssl rand -hex 32`. The bot itself does not read it: docs/operators/scaling.md."
}
"""Other names in `.env`: those that compose.yaml reads, with their meaning."""

_OTHERS = ("COMPOSE_", "PG")
"""Names that Docker Compose and PostgreSQL's libraries read; compose.yaml passes on all of `.env`."""


def _read(how: fields.Field[Any] | Callable[[str], Any], description: str) -> dict[str, Any]:
    """The parser of a setting, and its description in `.env.example`."""
    return {"kind": fields.Raw(pre_load=how) if callable(how) else how, "description": description}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The operator's settings. `.env.example` describes each field."""

    discord_token: str | None = field(
        default=None,
        repr=False,
        metadata=_read(
            values.token, "The bot's token, from the Developer Portal (Bot > Reset Token). Needed by `run`."
        ),
    )
    database_url: str = field(
        default="sqlite+aiosqlite:///data/notjustyou.db",
        repr=False,
        metadata=_read(
            values.database,
            "Where reports and settings are stored: a SQLite file, whose folder is created if missing, or "
            "PostgreSQL as postgresql+asyncpg://user:password@host/database. In a folder without "
            "a .env and without that file, an installed program uses your platform's data folder.",
        ),
    )
    discord_api_url: str | None = field(
        default=None,
        metadata=_read(
            values.api, "Discord's REST address with version, if you use a proxy: http://proxy:8080/api/v10"
        ),
    )
    shard_count: int | None = field(
        default=None,
        metadata=_read(
            values.number(1, MOST_SHARDS),
            "The number of shards in all processes of this bot together. If not set: as many as Discord "
            "recommends, all in this process.",
        ),
    )
    shard_ids: str | None = field(
        default=None,
        metadata=_read(
            fields.String(),
            "The shards of this process: 0-3 or 0,1,5 for these, claim:2 for any 2 free ones. "
            "Several processes need PostgreSQL. If not set: all.",
        ),
    )
    services_dir: Path | None = field(
        default=None,
        metadata=_read(
            values.folder,
            "A folder with your own service files. Their values replace the built-in ones, member by member.",
        ),
    )
    reporter_key: str | None = field(
        default=None,
        repr=False,
        metadata=_read(
            values.key,
            "The secret for hashing people's ids: 64 hex digits. If not set, it is created on the first "
            "run and stored beside the database.",
        ),
    )
    allow_private_status_hosts: bool = field(
        default=False,
        metadata=_read(
            values.switch(),
            "Allow status checks of private addresses, and webhooks to them. Only for hosts in your network.",
        ),
    )
    control_urls: tuple[str, ...] = field(
        default=("https://discord.com/api/v10/gateway", "https://www.gstatic.com/generate_204"),
        metadata=_read(
            values.controls,
            "Requested when a status check cannot connect: if none of them answers, our own network is down "
            "and no service counts as down. Two or more addresses on different hosts, separated by commas, or off.",
        ),
    )
    ignored_ids: tuple[int, ...] = field(
        default=(),
        metadata=_read(
            values.ids, "Servers, channels, roles and people that get no auto-replies: ids, separated by commas."
        ),
    )
    second_stage: str = field(
        default="auto",
        metadata=_read(
            values.second_stage,
            "Whether a second, more exact model checks likely mentions: auto (if it is installed), on "
            "or off. Its process takes 13 MB of memory and some file cache; docs/operators/hearing.md says more.",
        ),
    )
    http_host: str = field(
        default="127.0.0.1",
        metadata=_read(
            fields.String(),
            "The address of the public page, /healthz, /readyz and /metrics, if HTTP_PORT is set. Put a reverse "
            "proxy in front; docs/operators/page.md says how.",
        ),
    )
    http_port: int | None = field(
        default=None,
        metadata=_read(
            values.number(1, 65535),
            "The port of the public page, /healthz, /readyz and /metrics. If not set, no port is opened.",
        ),
    )
    metrics_token: str | None = field(
        default=None,
        repr=False,
        metadata=_read(
            fields.String(validate=validate.Length(16, error="should be {min} characters or more")),
            "The secret with which other machines may read /metrics, 16 characters or more; programs on this "
            "machine need none. If not set, others cannot read it. docs/operators/monitoring.md says more.",
        ),
    )
    webhook_urls: tuple[str, ...] = field(
        default=(),
        repr=False,
        metadata=_read(
            values.receivers,
            "Up to ten addresses, separated by commas, that receive outage events; see docs/operators/webhooks.md.",
        ),
    )
    webhook_secret: str | None = field(
        default=None,
        repr=False,
        metadata=_read(
            values.signing_secret,
            "The secret that signs these events, required with them: whsec_ and the Base64 of 24 to 64 random bytes.",
        ),
    )
    update_check: bool = field(
        default=True,
        metadata=_read(
            values.switch(),
            "Whether the bot checks once per day for a newer release, and logs it. It sends nothing but its version.",
        ),
    )
    update_url: str | None = field(
        default=newest_release_of(REPOSITORY),
        metadata=_read(
            values.web_address,
            "The address of that check: GitHub's API, or a compatible one. Without an address there is no check.",
        ),
    )
    log_level: str = field(
        default="INFO",
        metadata=_read(
            values.choice("DEBUG", "INFO", "WARNING", "ERROR", fold=str.upper),
            "The log level: DEBUG, INFO, WARNING or ERROR.",
        ),
    )
    log_format: str = field(
        default="console",
        metadata=_read(
            values.choice("console", "json"), "The log format: console (for people) or json (for machines)."
        ),
    )

    @property
    def wanted_shards(self) -> WantedShards:
        """The shards that this process should have."""
        return read_shard_settings(self.shard_count, self.shard_ids)

    @property
    def secrets(self) -> list[str]:
        """Values that must not appear in any log."""
        url = DatabaseAddress.read(self.database_url)
        assert url is not None, "looked at when it was given"
        kept = self.discord_token, self.reporter_key, self.metrics_token, self.webhook_secret, *self.webhook_urls
        return [*filter(None, (*kept, url.password, *url.query.get("password", ())))]


def setting_names() -> list[str]:
    """The names of all settings, as written in `.env`."""
    return [one.name.upper() for one in members(Settings)]


class _Together(Schema):
    """Checks across settings; the single settings are added to it."""

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def webhooks(self, data: Mapping[str, Any], given: Mapping[str, Any], **_: Any) -> None:
        """Refuse receivers without a secret."""
        if data.get("webhook_urls") and "webhook_secret" not in given:
            raise ValidationError("should be left out, or WEBHOOK_SECRET set, which signs what is sent", "webhook_urls")

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def shards(self, data: Mapping[str, Any], given: Mapping[str, Any], **_: Any) -> None:
        """Refuse impossible shards."""
        if "shard_ids" not in data or ("shard_count" in given and "shard_count" not in data):
            return
        try:
            asked = read_shard_settings(data.get("shard_count"), data["shard_ids"])
        except InvalidValueError as error:
            raise ValidationError(f"should be {error.expected}", "shard_ids") from None
        if not asked.shards.everything and given.get("database_url", Settings.database_url).startswith("sqlite"):
            raise ValidationError(
                "should be left out: a SQLite file is for one process, which then has all shards. For several, move "
                "to PostgreSQL (DATABASE_URL); docs/operators/scaling.md says how",
                "shard_ids",
            )


def load_settings(*, need_token: bool = False, with_file: bool = True) -> Settings:
    """Read the settings from the environment, and the rest from `.env`. An empty value counts as not set.

    Raises ConfigurationError with one sentence for each fault: the setting's name, the given value, and the expected
    one.
    """
    given = given_settings(with_file=with_file)
    kinds = {one.name: one.metadata["kind"] for one in members(Settings)}
    schema = _Together.from_dict(kinds)  # pyright: ignore[reportUnknownMemberType] - marshmallow leaves it open
    faults = [no_token(env_file())] if need_token and "discord_token" not in given else []
    try:
        found = cast("dict[str, Any]", schema(unknown=EXCLUDE).load(given))
    except ValidationError as error:
        messages = error.messages_dict.items()
        raise ConfigurationError([*faults, *(_message(name, given[name], why) for name, [why] in messages)]) from None
    if faults:
        raise ConfigurationError(faults)
    found.setdefault("database_url", f"sqlite+aiosqlite:///{default_database()}")
    return Settings(**found)


def given_settings(*, with_file: bool = True) -> dict[str, str]:
    """The settings as written in the environment and in `.env`. Raises ConfigurationError."""
    return _named(read(env_file()) if with_file else {}) | _named(os.environ)


def _named(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name.lower(): value for name, value in values.items() if value}


def unknown_names() -> list[str]:
    """Names in `.env` that are not settings, each with the similar setting that is probably meant."""
    try:
        names = read(env_file())
    except ConfigurationError:
        return []  # reading the settings reports this
    known = setting_names()
    return [
        f"{name} is not a setting{_similar(name, known)}"
        for name in names
        if name.upper() not in known and name not in FOR_COMPOSE and not name.startswith(_OTHERS)
    ]


def _similar(name: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - seldom needed

    near = get_close_matches(name.upper(), known, 1)
    return f"; {near[0]} is" if near else ""


def _message(name: str, given: str, why: str) -> str:
    secret = name in {one.name for one in members(Settings) if not one.repr}
    hidden = secret or len(given) > _LONGEST_SHOWN
    return f"{name.upper()} ({f'{len(given)} characters' if hidden else repr(given)} given): {why}"
