"""Vectors of texts from the encoder of the second stage, remembered in .venv: working them out takes minutes."""

import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from benchmarks.mentions.lines import ROOT
from bot.cli.progress import progress
from bot.hearing.encoder import Encoder, readable

KEPT = ROOT / ".venv/mention-vectors.npz"


def vectors(texts: Sequence[str]) -> Any:
    """A row for each text. Those of texts that are not asked for any more are forgotten."""
    read = [readable(text) for text in texts]
    known = _kept()
    missing = sorted(set(read) - known.keys())
    known.update(zip(missing, _work_out(missing), strict=True))
    if missing:
        wanted = sorted(set(read))
        np.savez(KEPT, texts=np.array(wanted), vectors=np.stack([known[text] for text in wanted]))
    return np.stack([known[text] for text in read])


def _kept() -> dict[str, Any]:
    if not KEPT.exists():
        return {}
    with np.load(KEPT) as kept:
        return dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))


def _work_out(texts: Sequence[str]) -> Iterator[Any]:
    os.environ["OMP_NUM_THREADS"] = "1"  # as in the bot; beside other work, threads that wait for each other crawl
    encoder = Encoder() if texts else None
    with progress("Encoding texts", sys.stderr) as advance:
        for number, text in enumerate(texts, 1):
            assert encoder is not None, "there are texts"
            yield np.array(encoder.vector(text), np.float32)
            advance(number, len(texts))
