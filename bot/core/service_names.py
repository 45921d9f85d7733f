"""Finds which of a server's services a message names."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.core.mention_text import TextReader, flat

_NAMED = "<svc>"
_STRETCHED = re.compile(r"([a-z])\1+")
_ONE = r"\1"
_DIGIT = re.compile(r"[013457]")
_DIGIT_LETTERS = str.maketrans("013457", "oieast")
"""Digits that people write for letters, as the detector reads them."""
_LONG = 4
"""Length of a piece of a name that few other words contain."""


class ServiceNames:
    """Built from the words of each service. It reads a text as the mention detector does, and stores none.

    `readers` has a reader for each service with a name that is also an everyday word.
    """

    def __init__(self, words: Mapping[str, Sequence[str]], readers: Mapping[str, TextReader] | None = None) -> None:
        self.learn(words, readers)

    def learn(self, words: Mapping[str, Sequence[str]], readers: Mapping[str, TextReader] | None = None) -> None:
        """Replace the known services."""
        self._readers = readers or {service_id: TextReader(of_service) for service_id, of_service in words.items()}
        self._any = TextReader([word for of_service in words.values() for word in of_service])
        self._pieces = {service_id: frozenset(_pieces(of_service)) for service_id, of_service in words.items()}
        self._all_pieces = tuple(frozenset[str]().union(*self._pieces.values()))

    def named(self, texts: Iterable[str], among: Sequence[str]) -> list[str]:
        """The services `among` these that one of the texts names.

        Texts without a name, which are most, are rejected at once.
        """
        found = set[str]()
        for text in texts:
            for one in self._may_be_named(text, among):
                if one not in found and _NAMED in self._readers[one].read(text):
                    found.add(one)
        return [one for one in among if one in found]

    def _may_be_named(self, text: str, among: Sequence[str]) -> Sequence[str]:
        """The services whose name may occur in the text: a piece of it does.

        All if the text may hold a name in other scripts.
        """
        small = flat(text)
        if not small.isascii():
            return [one for one in among if one in self._readers] if _NAMED in self._any.read(text) else ()
        small = _STRETCHED.sub(_ONE, small)
        if _DIGIT.search(small):
            small = f"{small} {_STRETCHED.sub(_ONE, small.translate(_DIGIT_LETTERS))}"
        if not any(map(small.__contains__, self._all_pieces)):
            return ()
        return [one for one in among if any(piece in small for piece in self._pieces.get(one, ()))]


def _pieces(words: Iterable[str]) -> Iterator[str]:
    """Pieces of the names in plain letters: a text without any of them contains none of the names."""
    for name in (flat(word).strip() for word in words):
        if not name.isascii():
            continue
        parts = re.split(r"[\s-]+", name)
        longest = max(parts, key=len)
        written = [longest] if len(longest) >= _LONG else [between.join(parts) for between in ("", " ", "-")]
        yield from (_STRETCHED.sub(_ONE, one) for one in written)
