"""The interface's sentences, collected from the code for translators: `python -m tests.texts --write`."""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
LOCALES = ROOT / "bot" / "content" / "locales"
TEMPLATE = LOCALES / "bot.pot"
KEYWORDS = {"say": None, "many": (1, 2), "N_": None}


def collect() -> Catalog:
    """All sentences in the code."""
    catalogue = Catalog(project="NotJustYou", charset="utf-8", fuzzy=False)
    for file, line, message, comments, context in extract_from_dir(
        ROOT / "bot", [("**.py", "python"), ("**.html", "jinja2")], {}, KEYWORDS, ["Translators:"]
    ):
        del line  # without line numbers, which change with every edit
        catalogue.add(message, None, [(f"bot/{file}", 1)], auto_comments=comments, context=context)
    return catalogue


def template(catalogue: Catalog) -> bytes:
    """The catalogue as a template file. The same sentences give the same file."""
    out = BytesIO()
    write_po(out, catalogue, sort_output=True, omit_header=True, include_lineno=False, width=100)
    return out.getvalue()


def main() -> None:
    """Write the template, and update every translation to it."""
    found = collect()
    TEMPLATE.write_bytes(template(found))
    for path in LOCALES.glob("*/LC_MESSAGES/bot.po"):
        with path.open("rb") as source:
            translation = read_po(source, locale=path.parent.parent.name.replace("-", "_"))
        translation.update(found, no_fuzzy_matching=True, update_creation_date=False)
        translation.obsolete.clear()
        with path.open("wb") as target:
            write_po(target, translation, sort_output=True, include_lineno=False, width=100)


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m tests.texts --write")
    main()
