"""Files that never change while we run: style sheet, script, icon, schema. Their address has a hash of their bytes."""

from functools import cache
from hashlib import blake2b
from pathlib import Path

FOLDER = Path(__file__).with_name("assets")
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/schema+json",
}


@cache
def read(name: str) -> bytes:
    """A file of ours. Raises FileNotFoundError."""
    return (FOLDER / name).read_bytes()


@cache
def names() -> frozenset[str]:
    """All that may be asked for."""
    return frozenset(file.name for file in FOLDER.iterdir() if file.suffix in KINDS)


@cache
def address(name: str) -> str:
    """Where a file is below the page's root. It changes with the file: so the file may be kept for ever."""
    return f"assets/{name}?v={blake2b(read(name), digest_size=6).hexdigest()}"
