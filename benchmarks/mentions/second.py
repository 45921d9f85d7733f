"""The second stage's files, and a fingerprint of their sources. Needs only Python."""

import hashlib

from benchmarks.mentions.lines import HERE, MODEL, ROOT

SECOND = ROOT / "bot/content/mentions/second.json"
SECOND_HEAD = ROOT / "bot/content/mentions/second_head.json"


def fingerprint() -> str:
    """The hash of all sources of the second stage, including the first stage; a test compares it."""
    parts = [
        MODEL,
        HERE / "train_second.py",
        HERE / "vectors.py",
        ROOT / "bot/core/second_stage.py",
        ROOT / "bot/hearing/encoder.py",
    ]
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part.name.encode() + b"\0" + part.read_bytes())
    return whole.hexdigest()[:16]
