"""Reads the trained model of the mention detector, and builds a detector for each service."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from sys import intern
from typing import NamedTuple

import orjson

from bot.content.everyday import everyday_words
from bot.core.mention_features import Lexicon, Pair
from bot.core.mention_text import END, TextReader
from bot.core.mention_weights import Weights
from bot.core.mentions import Detector, Model, SecondPoints, Sensitivity
from bot.core.service import Service
from bot.core.symptom_finder import UNLESS, SymptomFinder

_PAIRED = ">&+"
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
            weighed = read_weights(lines)
        model = Model(
            weights=weighed.weights,
            pairs=weighed.pairs,
            bias=learnt["bias"],
            gate=weighed.gate,
            gate_point=learnt["gate_point"],
            words=learnt["common"],
            points={Sensitivity(name): point for name, point in learnt["points"].items()},
            second=_second_points(),
        )
        products = tomllib.loads(_FOLDER.joinpath("products.toml").read_text("utf-8"))["names"]
        automod = tomllib.loads(_FOLDER.joinpath("automod.toml").read_text("utf-8"))
        return cls(learnt["concepts"], model, products, automod)

    def detector(self, service: Service, others: Iterable[Service] = ()) -> Detector:
        """The detector of a service; a word that it shares with another service counts as its own."""
        reader = reader_of(service, others)
        return Detector(service.name, reader, self._lexicon(reader, self._concepts), self._model)

    def symptom_finder(self, service: Service, others: Iterable[Service] = ()) -> SymptomFinder:
        """What names the symptoms of a service in messages."""
        reader = reader_of(service, others)
        return SymptomFinder(reader, self._lexicon(reader, UNLESS & self._concepts.keys()), service.symptoms)

    def _lexicon(self, reader: TextReader, wanted: Iterable[str]) -> Lexicon:
        concepts = {concept: (entry.split(" ") for entry in self._concepts[concept]) for concept in wanted}
        return Lexicon({**concepts, "other": entries(reader, self._products)})

    def automod_phrases(self, service: Service) -> list[str]:
        """Clear phrases for Discord's keyword rules."""
        named = [phrase.replace("{name}", word) for word in service.words for phrase in self._automod["named"]]
        return [*self._automod["shown"], *named]


def reader_of(service: Service, others: Iterable[Service] = ()) -> TextReader:
    """Reads messages for a service; words of the other services are known as theirs."""
    own = set(service.words)
    foreign = [word for other in others if other.id != service.id for word in other.words if word not in own]
    everyday, nothing = everyday_words(), frozenset[str]()
    careful = {
        word: nothing.union(*(everyday[language] for language in languages))
        for word, languages in service.careful_words.items()
    }
    return TextReader(service.words, foreign, careful)


def second_head() -> bytes:
    """What the second stage has learnt: JSON, as its process reads it."""
    return _FOLDER.joinpath("second_head.json").read_bytes()


def _second_points() -> SecondPoints:
    learnt = orjson.loads(_FOLDER.joinpath("second.json").read_bytes())
    points = {Sensitivity(name): point for name, point in learnt["points"].items()}
    return SecondPoints(learnt["gate"], points)


class Weighed(NamedTuple):
    """What `weights.tsv` holds: weights of features, those of two concepts by sign, and those for the first look."""

    weights: Weights
    pairs: Mapping[str, dict[Pair, float]]
    gate: Weights


def read_weights(lines: Iterable[str]) -> Weighed:
    """Read lines of feature, weight, weight for the first look, with tabs between; line by line, to save memory."""
    read = Weighed(Weights(), {sign: {} for sign in _PAIRED}, Weights())
    for line in lines:
        feature, weight, first_look = line.rstrip("\n").split("\t")
        if weight:
            read.weights.add(feature, float(weight))
            if feature[0] not in "#=~" and " " not in feature:
                _add_pair(read.pairs, feature, float(weight))
        if first_look:
            read.gate.add(feature, float(first_look))
    return read


def _add_pair(pairs: Mapping[str, dict[Pair, float]], feature: str, weight: float) -> None:
    for sign, found in pairs.items():
        first, between, second = feature.partition(sign)
        if between and first and second:
            found[intern(first), intern(second)] = weight  # few concepts in many pairs


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
