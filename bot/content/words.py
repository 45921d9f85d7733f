"""Reads what the mention detector learnt, and builds a detector for each service."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any

import orjson

from bot.core.mention_features import Lexicon
from bot.core.mention_text import END, TextReader
from bot.core.mentions import Detector, Model, Sensitivity
from bot.core.service import Service

_FOLDER = files("bot.content").joinpath("mentions")


class Vocabulary:
    """The lexicon, the model and the AutoMod phrases, shared by all services."""

    def __init__(
        self, learnt: Mapping[str, Any], products: Sequence[str], automod: Mapping[str, Sequence[str]]
    ) -> None:
        concepts = {concept: [e.split(" ") for e in entries] for concept, entries in learnt["concepts"].items()}
        self._concepts: Mapping[str, Sequence[Sequence[str]]] = concepts
        self._products = products
        self._automod = automod
        self._model = Model(
            weights=learnt["weights"],
            bias=learnt["bias"],
            gate=learnt["gate"],
            gate_point=learnt["gate_point"],
            points={Sensitivity(name): point for name, point in learnt["points"].items()},
        )

    @classmethod
    def read(cls) -> "Vocabulary":
        """From the package's own files."""
        learnt = orjson.loads(_FOLDER.joinpath("model.json").read_bytes())
        products = tomllib.loads(_FOLDER.joinpath("products.toml").read_text("utf-8"))["names"]
        automod = tomllib.loads(_FOLDER.joinpath("automod.toml").read_text("utf-8"))
        return cls(learnt, products, automod)

    def detector(self, service: Service, others: Iterable[Service] = ()) -> Detector:
        """The detector of a service; words that it shares with another one are its own."""
        own = set(service.words)
        foreign = [word for other in others if other.id != service.id for word in other.words if word not in own]
        reader = TextReader(service.words, foreign)
        lexicon = Lexicon({**self._concepts, "other": entries(reader, self._products)})
        return Detector(service.name, reader, lexicon, self._model)

    def automod_phrases(self, service: Service) -> list[str]:
        """Clear phrases for Discord's keyword rules."""
        named = [phrase.replace("{name}", word) for word in service.words for phrase in self._automod["named"]]
        return [*self._automod["shown"], *named]


def entries(reader: TextReader, written: Iterable[str]) -> list[list[str]]:
    """Lexicon entries as tokens; `*` stands at the end of those that are only a beginning.

    What is one of the service's own words is left out.
    """
    read: list[list[str]] = []
    for entry in written:
        tokens = [token for token in reader.read(entry.rstrip("*")) if token != END]
        if tokens and "<svc>" not in tokens:
            read.append([*tokens, "*"] if entry.endswith("*") else tokens)
    return read
