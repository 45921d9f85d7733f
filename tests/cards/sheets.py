"""Many pictures of cards on one sheet, each with its name, for a quick look at all of them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

COLUMNS = {390: 5, 1280: 2}
"""The number of columns on a sheet for each card width."""
HALF = 0.5
"""The pictures have two pixels for each CSS pixel."""
TALLEST, NAME, GAP = 1700, 18, 8
_PAPER, _INK = (90, 90, 90), (255, 255, 255)


def make(out: Path, folder: str, names: Sequence[str]) -> None:
    """Write `sheets/<folder>-<number>.png` from the pictures of these names in a folder."""
    (out / "sheets").mkdir(parents=True, exist_ok=True)
    pictures = [(name, _shown(out / folder / f"{name}.png")) for name in names]
    for number, sheet in enumerate(_sheets(pictures), start=1):
        sheet.save(out / "sheets" / f"{folder.replace('/', '-')}-{number:02}.png")


def _shown(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB").resize((round(image.width * HALF), round(image.height * HALF)))


def _sheets(pictures: Sequence[tuple[str, Image.Image]]) -> Iterator[Image.Image]:
    """Fill the columns one after the other."""
    columns: list[list[tuple[str, Image.Image]]] = []
    left = 0
    for name, image in pictures:
        needed = image.height + NAME + GAP
        if not columns or needed > left:
            columns, left = [*columns, []], TALLEST
        columns[-1].append((name, image))
        left -= needed
    beside = COLUMNS.get(pictures[0][1].width, 2) if pictures else 1
    for start in range(0, len(columns), beside):
        yield _sheet(columns[start : start + beside])


def _sheet(columns: Sequence[Sequence[tuple[str, Image.Image]]]) -> Image.Image:
    width = columns[0][0][1].width + GAP
    height = max(sum(image.height + NAME + GAP for _, image in column) for column in columns)
    sheet = Image.new("RGB", (width * len(columns), height), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for number, column in enumerate(columns):
        top = 0
        for name, image in column:
            draw.text((number * width + 4, top + 3), name, fill=_INK)
            sheet.paste(image, (number * width, top + NAME))
            top += image.height + NAME + GAP
    return sheet
