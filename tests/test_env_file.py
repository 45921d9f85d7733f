"""The bot's folder and `.env`: where they are, and how the token gets in."""

import stat
from pathlib import Path

import pytest

from bot import env_file
from bot.core.errors import ConfigurationError
from bot.env_file import default_database, no_token, write_token

TOKEN = "AAAA.BBBB.CCCC"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody calls the installed program, not a clone, in an empty folder; gives the platform's folder for data."""
    monkeypatch.setattr(env_file, "in_a_clone", lambda: False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "share" / "notjustyou"


def test_an_installed_program_keeps_its_things_where_the_platform_wants_them(installed: Path) -> None:
    assert env_file.env_file() == installed / ".env"
    assert default_database() == installed / "notjustyou.db"


@pytest.mark.parametrize("there", [".env", "data/notjustyou.db"])
def test_where_a_bot_has_run_before_all_stays_where_it_is(installed: Path, there: str) -> None:
    Path(there).parent.mkdir(exist_ok=True)
    Path(there).touch()
    assert env_file.env_file() == Path(".env")
    assert default_database() == Path("data/notjustyou.db")
    assert not installed.exists()


def test_a_clone_keeps_its_things_in_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert (env_file.env_file(), default_database()) == (Path(".env"), Path("data/notjustyou.db"))


def test_who_has_no_token_is_told_where_it_was_looked_for_and_what_makes_one(installed: Path) -> None:
    sentence = no_token(env_file.env_file())
    assert f"there is no .env in {installed}; run `notjustyou init`" in sentence
    installed.mkdir(parents=True)
    (installed / ".env").write_text("LOG_LEVEL=INFO\n")
    sentence = no_token(env_file.env_file())
    assert f"Put it into {installed / '.env'}, or run `notjustyou init`" in sentence


def test_a_token_is_readable_by_nobody_else_from_the_first_moment(installed: Path) -> None:
    file = installed / ".env"
    write_token(file, TOKEN)
    assert file.read_text() == f"DISCORD_TOKEN={TOKEN}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(installed.stat().st_mode) == 0o700
    assert [one.name for one in installed.iterdir()] == [".env"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# mine\nDISCORD_TOKEN=\nLOG_LEVEL=DEBUG\n", f"# mine\nDISCORD_TOKEN={TOKEN}\nLOG_LEVEL=DEBUG\n"),
        ("  export DISCORD_TOKEN = 'old.old.old' # x\nA=1", f"DISCORD_TOKEN={TOKEN}\nA=1"),
        ("DISCORD_TOKENS=1\n#DISCORD_TOKEN=2", f"DISCORD_TOKENS=1\n#DISCORD_TOKEN=2\nDISCORD_TOKEN={TOKEN}\n"),
        ("LOG_LEVEL=DEBUG\n\n\n", f"LOG_LEVEL=DEBUG\nDISCORD_TOKEN={TOKEN}\n"),
        ("\n", f"DISCORD_TOKEN={TOKEN}\n"),
    ],
)
def test_everything_else_in_the_file_stays_as_it_is(tmp_path: Path, before: str, after: str) -> None:
    file = tmp_path / ".env"
    file.write_text(before)
    file.chmod(0o644)
    write_token(file, TOKEN)
    assert file.read_text() == after
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("A=1\n")
    (tmp_path / ".env").symlink_to("secrets")
    write_token(tmp_path / ".env", TOKEN)
    assert (tmp_path / ".env").is_symlink() and TOKEN in (tmp_path / "secrets").read_text()


def test_what_cannot_be_written_is_named_and_not_lost(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match=r"\.env should be a text file in UTF-8"):
        write_token(tmp_path / ".env", TOKEN)
    assert (tmp_path / ".env").read_bytes() == b"\xff\xfe"
    with pytest.raises(ConfigurationError, match="cannot be written"):
        write_token(tmp_path / ".env" / ".env", TOKEN)
