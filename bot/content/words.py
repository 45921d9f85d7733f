"""Reads the trained model of the mention detector, and builds a detector for each service."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files

import orjson

from bot.core.mention_features import Lexicon
from bot.core.mention_text import END, TextReader
from bot.core.mentions import Detector, Model, Sensitivity
from bot.core.service import Service

_FOLDER = files("bot.content").joinpath("mentions")


class Vocabulary:
    """The lexicon, the model and the AutoMod phrases, shared by all services."""

    def __init__(
        self,
        concepts: Mapping[str, Sequence[str]],
        model: Model,
        products: Sequence[str],
        automod: Mapping[str, Sequence[str]],
    ) -> None:
        self._concepts = concepts
        self._model = model
        self._products = products
        self._automod = automod

    @classmethod
    def read(cls) -> "Vocabulary":
        """Read the package's own files."""
        learnt = orjson.loads(_FOLDER.joinpath("model.json").read_bytes())
        with _FOLDER.joinpath("weights.tsv").open("r", encoding="utf-8") as lines:
            weights, gate = read_weights(lines)
        model = Model(
            weights=weights,
            bias=learnt["bias"],
            gate=gate,
            gate_point=learnt["gate_point"],
            common=learnt["common"],
            points={Sensitivity(name): point for name, point in learnt["points"].items()},
        )
        products = tomllib.loads(_FOLDER.joinpath("products.toml").read_text("utf-8"))["names"]
        automod = tomllib.loads(_FOLDER.joinpath("automod.toml").read_text("utf-8"))
        return cls(learnt["concepts"], model, products, automod)

    def detector(self, service: Service, others: Iterable[Service] = ()) -> Detector:
        """The detector of a service; a word that it shares with another service counts as its own."""
        own = set(service.words)
        foreign = [word for other in others if other.id != service.id for word in other.words if word not in own]
        reader = TextReader(service.words, foreign)
        concepts = {concept: (entry.split(" ") for entry in found) for concept, found in self._concepts.items()}
        lexicon = Lexicon({**concepts, "other": entries(reader, self._products)})
        return Detector(service.name, reader, lexicon, self._model)

    def automod_phrases(self, service: Service) -> list[str]:
        """Clear phrases for Discord's keyword rules."""
        named = [phrase.replace("{name}", word) for word in service.words for phrase in self._automod["named"]]
        return [*self._automod["shown"], *named]


def read_weights(lines: Iterable[str]) -> tuple[dict[str, float], dict[str, float]]:
    """The weights of features, and those for the first look: lines of feature, weight, weight, with tabs between.

    Line by line, and each number made once: 80,000 features have 2,000 different ones. That takes half the memory.
    """
    number = cache(float)
    weights: dict[str, float] = {}
    gate: dict[str, float] = {}
    for line in lines:
        feature, weight, first_look = line.rstrip("\n").split("\t")
        if weight:
            weights[feature] = number(weight)
        if first_look:
            gate[feature] = number(first_look)
    return weights, gate


def entries(reader: TextReader, written: Iterable[str]) -> list[list[str]]:
    """Lexicon entries as tokens; an entry that is only the start of a word ends with `*`.

    The service's own words are left out.
    """
    read: list[list[str]] = []
    for entry in written:
        tokens = [token for token in reader.read(entry.rstrip("*")) if token != END]
        if tokens and "<svc>" not in tokens:
            read.append([*tokens, "*"] if entry.endswith("*") else tokens)
    return read
