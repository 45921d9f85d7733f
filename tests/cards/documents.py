"""The pictures of cards in the documents: `python -m tests.cards.documents` takes them again."""

import argparse
import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.core.chart import Theme
from tests.cards.shots import shoot

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SHOWN: Mapping[str, str] = {
    "500": "500-outage",
    "500-calm": "500-calm",
    "status": "status-outage",
    "auto-reply": "reply-outage",
    "outage-peak": "announcement-on",
    "outage-end": "announcement-over",
    "outage-list": "outages",
    "setup": "setup-overview-on",
    "try": "setup-try-answered",
}
"""The name of a picture -> the card on it."""
WIDTH = 640


def main() -> None:
    """Take the pictures, and put them into their places."""
    with TemporaryDirectory() as folder:
        out = Path(folder)
        only = list(SHOWN.values())
        asyncio.run(
            shoot(argparse.Namespace(out=out, only=only, languages=["en"], widths=[WIDTH], themes=[str(Theme.DARK)]))
        )
        for name, card in SHOWN.items():
            shutil.copyfile(out / "en" / f"{WIDTH}-{Theme.DARK}" / f"{card}.png", PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
