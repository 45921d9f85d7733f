"""Reads the phrases that detect a person in distress: `distress/<language>.toml`."""

import tomllib
from importlib.resources import files

from bot.core.distress import Distress, DistressWords


def read_distress() -> Distress:
    """Read the package's own files."""
    found: list[DistressWords] = []
    for path in sorted(files("bot.content").joinpath("distress").iterdir(), key=lambda one: one.name):
        document = tomllib.loads(path.read_text("utf-8"))
        found.append(
            DistressWords(path.name.partition(".")[0], tuple(document["phrases"]), tuple(document.get("harmless", ())))
        )
    return Distress(found)
