"""A mention-detector lexicon shared by all services in a process."""

from collections.abc import Sequence

from bot.core.mention_features import Lexicon, Tags

_LONGEST_PHRASE = 3


class SharedLexicon(Lexicon):
    """A lexicon that several services share. It also finds the concepts at the beginning and end of a text."""

    def first(self, tokens: Sequence[str]) -> Tags:
        """The concepts of the word or phrase that the tokens begin with."""
        if not tokens:
            return ()
        longer = self._phrase_at(tokens, 0) if tokens[0] in self._starts else None
        return self._of_token(tokens[0]) if longer is None else longer[1]

    def last(self, tokens: Sequence[str]) -> Tags:
        """The concepts of the word or phrase that they end with."""
        for length in range(min(_LONGEST_PHRASE, len(tokens)), 1, -1):
            if tags := self._phrases.get(" ".join(tokens[-length:])):
                return tags
        return self._of_token(tokens[-1]) if tokens else ()


class LexiconWithout(Lexicon):
    """A lexicon with the tables of another one, but without a concept for some word beginnings."""

    def __init__(self, shared: Lexicon, beginnings: tuple[str, ...], concept: str) -> None:
        super().__init__({})
        vars(self).update(vars(shared))  # the same tables, not copies of them
        self._beginnings, self._concept = beginnings, concept

    def _stem(self, word: str) -> Tags:
        tags = super()._stem(word)
        if self._concept in tags and word.startswith(self._beginnings):
            return tuple(tag for tag in tags if tag != self._concept)
        return tags
