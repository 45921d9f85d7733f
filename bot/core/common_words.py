"""The most common words, precomputed once for the detectors of all services, which would all hold the same tables."""

from collections.abc import Mapping

from bot.core.mention_features import Lexicon, of_word_at_first
from bot.core.mention_score import FirstLook, Scorer, WordSums
from bot.core.mention_text import END, TextReader
from bot.core.mention_weights import Weights
from bot.core.mentions import Common, Model
from bot.core.name_sense import Sense, names_among

_SIGNS = frozenset({*Sense, "<maysvc>", "<other>", "<5xx>", "<num>", "<url>", "<user>", "<emoji>", "?"})


class CommonWords:
    """The precomputed common words of a model: `tokens` by spelling, their concepts and their weights."""

    def __init__(self, model: Model, lexicon: Lexicon) -> None:
        reader = TextReader(())
        self.tokens: dict[str, str] = {spelt: reader.token(spelt) for spelt in model.words}
        known = {*self.tokens.values(), *_SIGNS}
        lexicon.expect(known)
        self._scorer = Scorer(model.weights, model.pairs, model.bias, known)
        sums = WordSums(model.gate, of_word_at_first, ())
        self._gate = model.gate
        self._at_first = {spelt: None if token == END else sums.total((token,)) for spelt, token in self.tokens.items()}

    def of(self, reader: TextReader) -> Common:
        """The tables for a detector with this reader."""
        own = names_among(self.tokens, reader)
        return Common(_SharedFirstLook(self._gate, reader, self._at_first, own), self._scorer)


class _SharedFirstLook(FirstLook):
    """A first look without a table of its own, unless a service has the name of a common word."""

    def __init__(
        self, gate: Weights, reader: TextReader, known: dict[str, float | None], own: Mapping[str, str]
    ) -> None:
        super().__init__(gate, reader, ())
        self._known = known if not own else {**known, **{spelt: self._weight(spelt) for spelt in own}}
