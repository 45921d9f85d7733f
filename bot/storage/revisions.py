"""The migrations that this version of the bot has, by their revisions."""

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory


def migrations_folder() -> Path:
    """Inside the installed package, or at the top of the repository."""
    package = Path(__file__).parent.parent
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


def alembic_config() -> Config:
    """Alembic's settings; there is no file of them."""
    config = Config()
    # ConfigParser would read a % in the path as the start of a variable.
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    return config


def head_revision() -> str:
    """The revision that this version of the bot needs."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert head is not None, "the migrations folder is never empty"
    return head


def known_revisions() -> frozenset[str]:
    """The revisions that this version of the bot can use or migrate."""
    return frozenset(s.revision for s in ScriptDirectory.from_config(alembic_config()).walk_revisions())
