"""Static files: style sheet, script, icon, schema. Their address contains a hash of their bytes."""

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
    """The content of a static file. Raises FileNotFoundError."""
    return (FOLDER / name).read_bytes()


@cache
def names() -> frozenset[str]:
    """The names of all static files."""
    return frozenset(file.name for file in FOLDER.iterdir() if file.suffix in KINDS)


@cache
def address(name: str) -> str:
    """The address of a file below the page's root. It changes with the file, so the file may be cached forever."""
    return f"assets/{name}?v={blake2b(read(name), digest_size=6).hexdigest()}"
