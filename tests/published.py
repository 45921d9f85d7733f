"""Writes the repository of the bot into all files that name it: `python -m tests.published --write`.

The repository is `bot.REPOSITORY`, as `owner/name` on GitHub. Releases push the image to ghcr.io under the same name.
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from bot import REPOSITORY

ROOT = Path(__file__).parent.parent
_IMAGE = re.compile(r"ghcr\.io/[\w.-]+/[\w.-]*\w")
_ADDRESS = re.compile(r"https://github\.com/[\w.-]+/[\w.-]*\w(?P<package>/pkgs/container/[\w.-]*\w)?")
_WITH_ADDRESS = ("pyproject.toml", "deploy/hosts/unraid.xml")
"""The files in which every GitHub address is ours."""
_KINDS = {".json", ".md", ".toml", ".xml", ".yaml"}


def image(repository: str = REPOSITORY) -> str:
    """The image, without a tag. Registries accept only small letters."""
    return f"ghcr.io/{repository.lower()}"


def places() -> Sequence[str]:
    """The files that name the repository."""
    files = [*ROOT.glob("*"), *(ROOT / "deploy").rglob("*"), *(ROOT / "docs").rglob("*")]
    texts = {str(file.relative_to(ROOT)): file.read_text("utf-8") for file in files if file.suffix in _KINDS}
    return sorted(name for name, text in texts.items() if name in _WITH_ADDRESS or _IMAGE.search(text))


def written(place: str, repository: str = REPOSITORY) -> str:
    """The text of a file, for this repository."""
    text = _IMAGE.sub(image(repository), (ROOT / place).read_text("utf-8"))
    if place not in _WITH_ADDRESS:
        return text
    package = f"/pkgs/container/{repository.lower().partition('/')[2]}"
    return _ADDRESS.sub(
        lambda found: f"https://github.com/{repository}{package if found['package'] else ''}",
        text,
    )


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m tests.published --write")
    for one in places():
        (ROOT / one).write_text(written(one), "utf-8")
