"""The interface's sentences: gettext, with the language as an argument instead of a global.

English sentences are the keys. Babel collects the calls of `say` and `many` (see CONTRIBUTING.md). Values have names,
so translators may reorder them.
"""

from collections.abc import Mapping
from gettext import NullTranslations
from typing import Protocol


class Texts:
    """Sentences in one language. `language` is a tag such as `en` or `pt-BR`."""

    def __init__(self, language: str, translations: NullTranslations) -> None:
        self.language = language
        self._translations = translations

    def say(self, sentence: str, /, **values: object) -> str:
        """One sentence, with `{name}` filled in."""
        return self._translations.gettext(sentence).format_map(values)

    def many(self, one: str, other: str, n: int, /, **values: object) -> str:
        """One sentence in the right plural form for `n`, which is also filled in as `{n}`."""
        return self._translations.ngettext(one, other, n).format_map({"n": n, **values})


class Languages(Protocol):
    """The source of sentences."""

    def texts(self, language: str) -> Texts:
        """The sentences of a language, or of the nearest language we have."""
        ...

    def names(self) -> Mapping[str, str]:
        """The languages we have: tag -> the language's own name."""
        ...


def N_(sentence: str) -> str:  # noqa: N802 - gettext's customary name
    """Mark a sentence in a table for translation; it is translated when it is used."""
    return sentence
