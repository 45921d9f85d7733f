"""The data that comes with the package and is the same for every bot: languages, vocabulary, words of distress."""

from typing import NamedTuple

from bot.content.distress_words import read_distress
from bot.content.texts import Catalogues
from bot.content.words import Vocabulary
from bot.core.distress import Distress


class Resources(NamedTuple):
    """The package's own data, read once and never changed."""

    languages: Catalogues
    vocabulary: Vocabulary
    distress: Distress

    @classmethod
    def read(cls) -> "Resources":
        """Read the package's own files."""
        return cls(Catalogues.read(), Vocabulary.read(), read_distress())
