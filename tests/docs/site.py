"""Builds a site of the documents that works without a network: `python -m tests.docs.site` writes `site/`.

The pages in `docs/` are copied, together with the pages for developers at the top of the repository. Links to other
files of the repository are replaced by the file names, because these are not part of the site. Then MkDocs builds the
copy, and fails if a link or an anchor is broken.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath

from tests.docs.markdown import LINK, without_code

ROOT = Path(__file__).parents[2]
STAGE = ROOT / ".site"
BUILT = ROOT / "site"
FROM_THE_TOP: Mapping[str, str] = {
    "CONTRIBUTING.md": "developers/contributing.md",
    "SECURITY.md": "developers/security.md",
    "CHANGELOG.md": "developers/changelog.md",
}
"""Pages at the top of the repository, with their places in the site."""


def sources() -> dict[str, str]:
    """Every file of the site: its place there, and its place in the repository."""
    files = {file.relative_to(ROOT / "docs").as_posix(): file for file in (ROOT / "docs").rglob("*") if file.is_file()}
    return {**{place: file.relative_to(ROOT).as_posix() for place, file in files.items()}, **_turned(FROM_THE_TOP)}


def staged(place: str, source: str, places: Mapping[str, str]) -> str:
    """The text of a page for the site. `places` maps the place of each file in the repository to that in the site."""
    text, here = (ROOT / source).read_text("utf-8"), str(PurePosixPath(place).parent)

    def moved(link: re.Match[str]) -> str:
        target, mark, anchor = link["target"].partition("#")
        if ":" in target or not target:
            return link[0]
        leads_to = normpath(PurePosixPath(source).parent / target)
        if leads_to in places:
            return f"{link['image']}[{link['label']}]({relpath(places[leads_to], here)}{mark}{anchor})"
        label = link["label"].strip("`")
        return f"`{leads_to}`" if f"/{leads_to}".endswith(f"/{label}") else f"{link['label']} (`{leads_to}`)"

    written, at = "", 0
    for seen in LINK.finditer(without_code(text)):
        link = LINK.match(text, seen.start())
        assert link is not None, "links are at the same places with and without code"
        written, at = written + text[at : link.start()] + moved(link), link.end()
    return written + text[at:]


def stage() -> None:
    """Write the copy for MkDocs."""
    shutil.rmtree(STAGE, ignore_errors=True)
    found = sources()
    places = _turned(found)
    for place, source in found.items():
        file = STAGE / "docs" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".md":
            file.write_text(staged(place, source, places), "utf-8")
        else:
            shutil.copyfile(ROOT / source, file)
    shutil.copyfile(ROOT / "mkdocs.yml", STAGE / "mkdocs.yml")


def build(into: Path) -> int:
    """Build the site. Returns MkDocs's exit code."""
    stage()
    mkdocs = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(into)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(mkdocs, cwd=STAGE, env=quiet, check=False).returncode


def main() -> int:
    """Build it in `site/`."""
    if (code := build(BUILT)) == 0:
        print("Built: open site/index.html. To search: python3 -m http.server --directory site")  # noqa: T201 - a command's output
    return code


def _turned(pairs: Mapping[str, str]) -> dict[str, str]:
    return {value: key for key, value in pairs.items()}


if __name__ == "__main__":
    sys.exit(main())
