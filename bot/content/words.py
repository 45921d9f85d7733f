"""Reads the trained model of the mention detector, and builds a detector for each service."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from itertools import chain
from sys import intern
from typing import NamedTuple

import orjson

from bot.content.everyday import everyday_words, read_grammars
from bot.core.common_words import CommonWords
from bot.core.mention_features import Lexicon, Pair
from bot.core.mention_text import END, TextReader
from bot.core.mention_weights import WeightList, Weights
from bot.core.mentions import Detector, Model, SecondPoints, Sensitivity
from bot.core.name_sense import EverydayName, Grammar, Sense, ServiceReader
from bot.core.service import Service
from bot.core.shared_lexicon import LexiconWithout, SharedLexicon
from bot.core.symptom_finder import UNLESS, SymptomFinder

_PAIRED = ">&+"
_PRODUCTS = "other"
"""The concept of other products."""
_FOLDER = files("bot.content").joinpath("mentions")


class Vocabulary:
    """The lexicon, the model, the words of everyday names and the AutoMod phrases, shared by all services.

    `concepts` has the entries of the lexicon by their concept.
    """

    def __init__(
        self,
        concepts: Mapping[str, Sequence[Sequence[str]]],
        model: Model,
        grammars: Mapping[str, Grammar],
        automod: Mapping[str, Sequence[str]],
    ) -> None:
        self._lexicon = SharedLexicon(concepts)
        self._unless = Lexicon({concept: concepts[concept] for concept in UNLESS & concepts.keys()})
        self._stems = [entry[0] for entry in concepts[_PRODUCTS] if entry[1:] == ["*"]]
        self._model = model
        self._common = CommonWords(model, self._lexicon)
        self._grammars = grammars
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
        concepts = {concept: [entry.split(" ") for entry in written] for concept, written in learnt["concepts"].items()}
        concepts[_PRODUCTS] = entries(TextReader(()), products)
        automod = tomllib.loads(_FOLDER.joinpath("automod.toml").read_text("utf-8"))
        return cls(concepts, model, read_grammars(), automod)

    def detector(
        self, service: Service, others: Iterable[Service] = (), *, reader: TextReader | None = None
    ) -> Detector:
        """The detector of a service, with its reader if there is one already."""
        reader = reader or self.reader(service, others)
        return Detector(
            service.name, reader, self._without(reader, self._lexicon), self._model, self._common.of(reader)
        )

    def symptom_finder(
        self, service: Service, others: Iterable[Service] = (), *, reader: TextReader | None = None
    ) -> SymptomFinder:
        """The finder of a service's symptoms in messages."""
        reader = reader or self.reader(service, others)
        return SymptomFinder(reader, self._without(reader, self._unless), service.symptoms)

    def reader(self, service: Service, others: Iterable[Service] = ()) -> TextReader:
        """The reader of messages for a service.

        Words of other services count as other products, unless the service has them as well.
        """
        everyday = [
            EverydayName(word, grammars, service.other_meanings.get(word, ()))
            for word in {**service.careful_words, **service.other_meanings}
            if (grammars := self._grammars_of(service, word)) or word in service.other_meanings
        ]
        return ServiceReader(
            service.words,
            _foreign(service, others),
            _careful(service),
            everyday,
            chain.from_iterable(one.phrases.all for one in service.symptoms),
            lexicon=self._lexicon,
            common=self._common.tokens,
        )

    def _grammars_of(self, service: Service, word: str) -> list[Grammar]:
        languages = service.careful_words.get(word, ())
        return [self._grammars[language] for language in languages if language in self._grammars]

    def _without(self, reader: TextReader, lexicon: Lexicon) -> Lexicon:
        """The lexicon without product entries for word beginnings that are the service's own name."""
        own = tuple(stem for stem in self._stems if reader.token(stem) == Sense.NAME)
        return LexiconWithout(lexicon, own, _PRODUCTS) if own else lexicon

    def automod_phrases(self, service: Service) -> list[str]:
        """Clear phrases for Discord's keyword rules."""
        named = [phrase.replace("{name}", word) for word in service.words for phrase in self._automod["named"]]
        return [*self._automod["shown"], *named]


def reader_of(service: Service) -> TextReader:
    """The reader for a service as used in training: without the rules for everyday names."""
    return TextReader(service.words, (), _careful(service))


def _foreign(service: Service, others: Iterable[Service]) -> list[str]:
    own = set(service.words)
    return [word for other in others if other.id != service.id for word in other.words if word not in own]


def _careful(service: Service) -> dict[str, frozenset[str]]:
    """Careful words, each with the everyday words that make the model doubt them."""
    everyday, nothing = everyday_words(), frozenset[str]()
    doubted = {
        word: nothing.union(*(everyday.get(language, nothing) for language in languages))
        for word, languages in service.careful_words.items()
    }
    return {word: words for word, words in doubted.items() if words}


def second_head() -> bytes:
    """The trained head of the second stage: JSON, for its process."""
    return _FOLDER.joinpath("second_head.json").read_bytes()


def _second_points() -> SecondPoints:
    learnt = orjson.loads(_FOLDER.joinpath("second.json").read_bytes())
    points = {Sensitivity(name): point for name, point in learnt["points"].items()}
    return SecondPoints(learnt["gate"], points)


class Weighed(NamedTuple):
    """The content of `weights.tsv`: weights of features, of concept pairs by sign, and of the first look."""

    weights: Weights
    pairs: Mapping[str, dict[Pair, float]]
    gate: Weights


def read_weights(lines: Iterable[str]) -> Weighed:
    """Read lines of feature, weight, weight for the first look, with tabs between; line by line, to save memory."""
    weights, gate = WeightList(), WeightList()
    pairs: dict[str, dict[Pair, float]] = {sign: {} for sign in _PAIRED}
    for line in lines:
        feature, weight, first_look = line.rstrip("\n").split("\t")
        if weight:
            weights.add(feature, float(weight))
            if feature[0] not in "#=~" and " " not in feature:
                _add_pair(pairs, feature, float(weight))
        if first_look:
            gate.add(feature, float(first_look))
    return Weighed(Weights(weights), pairs, Weights(gate))


def _add_pair(pairs: Mapping[str, dict[Pair, float]], feature: str, weight: float) -> None:
    for sign, found in pairs.items():
        first, between, second = feature.partition(sign)
        if between and first and second:
            found[intern(first), intern(second)] = weight  # few concepts in many pairs


def entries(reader: TextReader, written: Iterable[str]) -> list[list[str]]:
    """Lexicon entries as tokens; an entry for the start of a word ends with `*`.

    The service's own words are left out.
    """
    read: list[list[str]] = []
    for entry in written:
        tokens = [token for token in reader.read(entry.rstrip("*")) if token != END]
        if tokens and "<svc>" not in tokens:
            read.append([*tokens, "*"] if entry.endswith("*") else tokens)
    return read
