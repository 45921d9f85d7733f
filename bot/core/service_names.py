"""Which services a message names, of several that a server follows."""

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
"""Letters of a part of a name that few other words have."""


class ServiceNames:
    """Built from the words of each service. It reads a text as the mention detector does, and remembers none.

    `readers` read a text for each service, if a name is not one wherever it stands.
    """

    def __init__(self, words: Mapping[str, Sequence[str]], readers: Mapping[str, TextReader] | None = None) -> None:
        self.learn(words, readers)

    def learn(self, words: Mapping[str, Sequence[str]], readers: Mapping[str, TextReader] | None = None) -> None:
        """Know these services from now on, and no others."""
        self._readers = readers or {service_id: TextReader(of_service) for service_id, of_service in words.items()}
        self._any = TextReader([word for of_service in words.values() for word in of_service])
        self._pieces = {service_id: frozenset(_pieces(of_service)) for service_id, of_service in words.items()}
        self._all_pieces = tuple(frozenset[str]().union(*self._pieces.values()))

    def named(self, texts: Iterable[str], among: Sequence[str]) -> list[str]:
        """Those `among` these services that one of the texts names. Most texts name none, which is seen at once."""
        found = set[str]()
        for text in texts:
            for one in self._may_be_named(text, among):
                if one not in found and _NAMED in self._readers[one].read(text):
                    found.add(one)
        return [one for one in among if one in found]

    def _may_be_named(self, text: str, among: Sequence[str]) -> Sequence[str]:
        """Those of which a piece of a name stands in the text, or all if it holds a name in other signs."""
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
    """Pieces of the names in plain letters: where none of them stands, none of the names does."""
    for name in (flat(word).strip() for word in words):
        if not name.isascii():
            continue
        parts = re.split(r"[\s-]+", name)
        longest = max(parts, key=len)
        written = [longest] if len(longest) >= _LONG else [between.join(parts) for between in ("", " ", "-")]
        yield from (_STRETCHED.sub(_ONE, one) for one in written)
