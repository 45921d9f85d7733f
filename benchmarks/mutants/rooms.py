"""The tests that should notice a change, for each room."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

_UI = "tests/discord_ui"
ROOMS: dict[str, Sequence[str]] = {
    "core": ("tests/usecases/outages/test_watch.py", f"{_UI}/test_outages.py", f"{_UI}/test_reports.py"),
    "usecases": tuple(f"{_UI}/test_{name}.py" for name in ("outages", "reports", "auto_replies", "status", "privacy")),
    "status": (f"{_UI}/test_status.py",),
    "storage": ("tests/usecases/cluster", "tests/cli/test_store.py", "tests/cli/test_copy.py"),
    "discord_ui": (_UI, "tests/e2e/test_commands.py", "tests/e2e/test_setup.py"),
    "pictures": (f"{_UI}/test_outages.py",),
    "web": (),
}
"""The tests for changes in each room, besides those closest to the changed module."""
_PROMISES = "tests/test_promises.py"
_OF_FOLDERS: dict[str, Sequence[str]] = {
    "discord_ui/connection": ("tests/e2e/test_gateway.py",),
    "discord_ui/listeners": ("tests/e2e/test_replies.py",),
    "discord_ui/posting": ("tests/e2e/test_outage.py", "tests/e2e/test_replies.py"),
}
"""The tests for what is only tested over sockets."""


def modules(root: Path, room: str) -> Iterator[Path]:
    """The modules of a room that can be changed."""
    for path in sorted((root / "bot" / room).rglob("*.py")):
        if path.name not in {"__init__.py", "ports.py"}:
            yield path.relative_to(root)


def nearest(root: Path, module: Path) -> list[str]:
    """The tests of the module, and those of its room that import it."""
    inside = module.relative_to("bot")
    own = root / "tests" / inside.parent / f"test_{inside.name}"
    name = ".".join(module.with_suffix("").parts)
    imports = re.compile(rf"^(from|import) {re.escape(name)}\b", re.MULTILINE)
    others = sorted((root / "tests" / inside.parts[0]).rglob("test_*.py"))
    found = dict.fromkeys(
        one for one in (own, *others) if one.exists() and (one == own or imports.search(one.read_text()))
    )
    return [str(one.relative_to(root)) for one in found]


def further(root: Path, module: Path) -> list[str]:
    """The tests of the module's folder and of its room."""
    inside = module.relative_to("bot")
    folder = Path("tests") / inside.parent
    own = [str(folder)] if (root / folder).is_dir() else []
    return [*own, *ROOMS[inside.parts[0]], _PROMISES, *_OF_FOLDERS.get(str(inside.parent), ())]
