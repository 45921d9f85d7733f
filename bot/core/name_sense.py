"""Names of services that are also everyday words: does such a word mean the service in this place?

Steam comes out of a kettle, and Claude may be a colleague. If the word is an everyday word in the language of the
message, it is the name only if the message shows it: it is the subject of trouble ("steam won't load"), the object of
an action ("log in to steam"), a part of it is named ("steam servers"), or the message has another of the service's
names. After an article ("the steam"), or beside a word of its other meaning, it is something else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from bot.core.mention_text import END, TextReader, clauses, flat, written_together
from bot.core.shared_lexicon import SharedLexicon

_NOTHING = frozenset[str]()
_DONE_WITH = frozenset({"acts", "login", "part"})
"""Concepts right before a name: "can't open steam"."""
_TROUBLE = frozenset({"fails", "error", "5xx", "cannot", "hangs", "back", "shown", "feature"})
_TOLD_OF = _DONE_WITH | _TROUBLE | {"ask", "works"}
"""Concepts before a name with a small word between: "errors on steam"."""
_PART = frozenset({"part", "feature", "login"})
_PRODUCT = frozenset({"svc", "other"})
_WHERE = frozenset({"own", "part"})
_ASKED = frozenset({"others", "ask"})
_SMALL_TALK = _ASKED | _PRODUCT | {"now", "?"}
_SOFTWARE = frozenset({"error", "5xx", "shown", "other"})
_APOSTROPHES = "'’ʼ´"
_ABOUT = frozenset({"cannot", "ask"})
"""Concepts somewhere before a name with a small word between: "can't see anything on steam", "what's up with steam"."""
_BETWEEN, _LINKS, _LONGEST, _REACH = 4, 2, 3, 5
"""How many small words may stand between a name and its predicate, and before a name; the most words of a phrase; and
the most words between a verb and its "not"."""


class Sense(StrEnum):
    """The meaning of a word here, as the token for it. The mention model knows only the first one."""

    NAME = "<svc>"
    UNCLEAR = "<word>"
    OTHER = "<else>"


@dataclass(frozen=True, slots=True)
class Grammar:
    """Small words of a language.

    `common` words show that a message is in it, and `articles` do not stand before a name. `asks` begin a question
    about a name ("*does* steam work"); `links` may stand before it ("log in *to my* steam"), `between` after it ("steam
    *is just* broken"), and `joins` between two names. `parts` are parts of a service and `trouble` its possible
    problems, besides those of the lexicon ("steam *store*", "*problems* with steam").
    """

    common: frozenset[str] = _NOTHING
    articles: frozenset[str] = _NOTHING
    asks: frozenset[str] = _NOTHING
    links: frozenset[str] = _NOTHING
    between: frozenset[str] = _NOTHING
    joins: frozenset[str] = _NOTHING
    parts: frozenset[str] = _NOTHING
    trouble: frozenset[str] = _NOTHING


@dataclass(frozen=True, slots=True)
class EverydayName:
    """A name that is an everyday word of the languages of these grammars.

    `meanings` are words and phrases beside which it means something else, in any language; `*` stands for any ending.
    """

    word: str
    grammars: Sequence[Grammar] = ()
    meanings: Sequence[str] = field(default_factory=tuple[str, ...])


class ServiceReader(TextReader):
    """Reads a text as `TextReader` does, but tells the service's name from an everyday word spelt the same.

    `everyday` are such names, and `symptoms` are phrases that describe the service's trouble. `common` has the
    tokens of common words, and is shared by all readers.
    """

    def __init__(
        self,
        words: Sequence[str],
        others: Sequence[str],
        careful: Mapping[str, frozenset[str]],
        everyday: Iterable[EverydayName],
        symptoms: Iterable[str],
        *,
        lexicon: SharedLexicon,
        common: dict[str, str],
    ) -> None:
        super().__init__(words, others, careful)
        own = names_among(common, self)
        self._known = {**common, **own} if own else common
        self._lexicon = lexicon
        self._grammars, self._meanings = dict[str, Sequence[Grammar]](), dict[str, list[_Phrase]]()
        for name in everyday:
            spelt = flat(name.word).strip()
            # Names of several words or in other letters are found before there are tokens.
            known_as = spelt if spelt.isascii() and spelt.isalpha() else Sense.NAME
            self._grammars[known_as] = name.grammars if known_as == spelt else ()
            phrases = (self._phrase(entry, spelt) for entry in name.meanings)
            self._meanings.setdefault(known_as, []).extend(one for one in phrases if one.tokens)
        self._symptoms = PhraseIndex(self._phrase(entry) for entry in symptoms) if self._grammars else PhraseIndex(())

    def letters(self, text: str) -> list[str]:
        """The letters that the tokens of a text are read from; the service's name is replaced by its token."""
        letters = super().letters(text)
        if any(mark in text for mark in _APOSTROPHES):
            letters = [self._without_s(one) for one in letters]
        return letters if self._meanings.keys().isdisjoint(letters) else self._told_apart(letters)

    def _without_s(self, letters: str) -> str:
        """The name in "steam's down", which the base class takes for another word; any other word unchanged."""
        name, s = letters[:-2], letters[-2:]
        is_name = s[1:] == "s" and s[0] in _APOSTROPHES and (name in self._meanings or self.token(name) == Sense.NAME)
        return name if is_name else letters

    def _phrase(self, written: str, name: str = "") -> "_Phrase":
        letters = super().letters(written.rstrip("*"))
        tokens = tuple(one if one == name or written_together(one) else self.token(one) for one in letters)
        return _Phrase(tuple(one for one in tokens if one != END), written.endswith("*"))

    def _told_apart(self, letters: list[str]) -> list[str]:
        tokens = [one if one in self._meanings or written_together(one) else self.token(one) for one in letters]
        senses = {at: self._sense(tokens, at) for at, token in enumerate(tokens) if token in self._meanings}
        if Sense.NAME in senses.values():
            senses = {at: Sense.NAME if sense is Sense.UNCLEAR else sense for at, sense in senses.items()}
        return [senses.get(at, one) for at, one in enumerate(letters)]

    def _sense(self, tokens: Sequence[str], at: int) -> Sense:
        begin, end = _clause(tokens, at)
        if any(phrase.stands_in(tokens[begin:end]) for phrase in self._meanings[tokens[at]]):
            return Sense.OTHER
        grammars = [one for one in self._grammars[tokens[at]] if not one.common.isdisjoint(tokens)]
        if Sense.NAME in tokens or not grammars:
            return Sense.NAME
        # Names are also in the lexicon, as products.
        tokens = [Sense.UNCLEAR if one in self._grammars else one for one in tokens]
        places = (_Place(tokens[begin:end], at - begin, grammar, self._lexicon, self._symptoms) for grammar in grammars)
        sense = min((place.sense() for place in places), key=list(Sense).index)
        return Sense.NAME if sense is Sense.UNCLEAR and self._speaks_of_software(tokens) else sense

    def _speaks_of_software(self, tokens: Sequence[str]) -> bool:
        """Whether the message shows an error, names another product, or asks whether others have the same trouble."""
        met = {concept for clause in clauses(tokens) for concept in self._lexicon.concepts(clause)}
        return not _SOFTWARE.isdisjoint(met) or (met >= {"others", "?"} and not _TROUBLE.isdisjoint(met))


def names_among(common: Mapping[str, str], reader: TextReader) -> dict[str, str]:
    """The common words that are a service's name for this reader."""
    return {spelt: token for spelt, usual in common.items() if (token := reader.token(spelt)) != usual}


class _Phrase(NamedTuple):
    """Tokens in a row; if `stem`, the last one is only a beginning."""

    tokens: tuple[str, ...]
    stem: bool

    def begins(self, tokens: Sequence[str]) -> bool:
        """Whether the tokens begin with it."""
        *first, last = self.tokens
        there = tokens[: len(self.tokens)]
        if len(there) < len(self.tokens) or list(there[:-1]) != first:
            return False
        return there[-1].startswith(last) if self.stem else there[-1] == last

    def stands_in(self, clause: Sequence[str]) -> bool:
        """Whether a clause contains it."""
        if len(self.tokens) == 1 and written_together(self.tokens[0]):
            return any(self.tokens[0] in token for token in clause)
        return any(self.begins(clause[at:]) for at in range(len(clause)))


class PhraseIndex:
    """Phrases by their first word."""

    def __init__(self, phrases: Iterable[_Phrase]) -> None:
        self._by_first = dict[str, list[_Phrase]]()
        for phrase in phrases:
            if phrase.tokens and not (phrase.stem and len(phrase.tokens) == 1):
                self._by_first.setdefault(phrase.tokens[0], []).append(phrase)

    def begin(self, tokens: Sequence[str]) -> bool:
        """Whether the tokens begin with one of them."""
        return any(phrase.begins(tokens) for phrase in self._by_first.get(tokens[0], ())) if tokens else False

    def end(self, tokens: Sequence[str]) -> bool:
        """Whether the tokens end with one of them."""
        for length in range(1, min(_LONGEST, len(tokens)) + 1):
            last = tokens[-length:]
            if any(len(one.tokens) == length and one.begins(last) for one in self._by_first.get(last[0], ())):
                return True
        return False


class _Place:
    """The place of an everyday name, with the words before and after it."""

    def __init__(
        self, clause: Sequence[str], at: int, grammar: Grammar, lexicon: SharedLexicon, symptoms: PhraseIndex
    ) -> None:
        self._before, self._after = list(clause[:at]), list(clause[at + 1 :])
        self._grammar = grammar
        self._lexicon = lexicon
        self._symptoms = symptoms

    def sense(self) -> Sense:
        """The meaning of the name here, as far as the grammar shows it."""
        if self._has_a_part():
            return Sense.NAME
        if self._before and self._before[-1] in self._grammar.articles:
            return Sense.OTHER
        if self._is_described():
            return Sense.UNCLEAR
        named = self._is_told_of() or self._is_done_with() or self._is_asked_about()
        return Sense.NAME if named else Sense.UNCLEAR

    def _has_a_part(self) -> bool:
        after = self._after
        return bool(after) and (after[0] in self._grammar.parts or not _PART.isdisjoint(self._lexicon.first(after)))

    def _is_described(self) -> bool:
        """Whether an article and another word stand before it: "the night janitor", but not "at the moment steam"."""
        articles, small = self._grammar.articles, self._grammar.links | self._grammar.between
        if len(self._before) < 2 or self._before[-2] not in articles or self._before[-1] in small:  # noqa: PLR2004
            return False
        return not any(one in self._grammar.links for one in self._before[-3:-2])

    def _is_told_of(self) -> bool:
        """Whether the name is the subject of trouble: "steam on my pc won't load", "steam lädt nicht"."""
        rest = self._past_small_words()
        begun = set(self._lexicon.first(rest))
        if not begun.isdisjoint({"acts", "works"}):
            asked = bool(self._before) and self._before[-1] in self._grammar.asks
            return asked or "cannot" in self._lexicon.concepts(rest[1 : 1 + _REACH])
        if self._symptoms.begin(rest):
            return True
        if len(rest) < len(self._after):  # the rest of the clause says something about it
            return self._is_trouble(rest) or not _TROUBLE.isdisjoint(self._lexicon.concepts(rest))
        return self._is_trouble(rest[:1]) or not _TROUBLE.isdisjoint(begun)

    def _is_trouble(self, words: Sequence[str]) -> bool:
        return not self._grammar.trouble.isdisjoint(words)

    def _past_small_words(self) -> list[str]:
        """The words after the name, past another name beside it, the place where it is used, and small words."""
        rest, grammar, first = self._after, self._grammar, self._lexicon.first
        if rest and rest[0] in grammar.joins and not _PRODUCT.isdisjoint(first(rest[1:])):
            rest = rest[2:]
        if rest and rest[0] in grammar.links:
            rest = next((rest[n + 1 :] for n in range(1, _LONGEST + 1) if _is_place(first(rest[n:]))), rest)
        for _ in range(_BETWEEN):
            if not rest or rest[0] not in grammar.between or not _TROUBLE.isdisjoint(first(rest)):
                break
            rest = rest[1:]
        return rest

    def _is_done_with(self) -> bool:
        """Whether the name is the object of an action or of a problem: "log in to steam", "errors on steam"."""
        before, last = self._before, self._lexicon.last
        if not _DONE_WITH.isdisjoint(last(before)):
            return True
        for _ in range(_LINKS):
            if not before or before[-1] not in self._grammar.links:
                break
            before = before[:-1]
            if not _TOLD_OF.isdisjoint(last(before)) or self._is_trouble(before[-1:]) or self._symptoms.end(before):
                return True
        return self._before != before and not _ABOUT.isdisjoint(self._lexicon.concepts(self._before[:-1]))

    def _is_asked_about(self) -> bool:
        """Whether the clause only asks others: "anyone else steam?"."""
        asked = self._after[-1:] == ["?"] or not _ASKED.isdisjoint(self._lexicon.first(self._before))
        small = self._grammar.links | self._grammar.between | {"?"}
        rest = [one for one in (*self._before, *self._after) if one not in small]
        met = self._lexicon.concepts(rest)
        return bool(asked and met) and len(rest) <= _REACH and _SMALL_TALK.issuperset(met)


def _is_place(concepts: Iterable[str]) -> bool:
    """Whether it is where a service is used, such as "my phone" or "the app"."""
    return not _WHERE.isdisjoint(concepts)


def _clause(tokens: Sequence[str], at: int) -> tuple[int, int]:
    """Where the clause around this token begins and ends."""
    begin = next((n + 1 for n in range(at, -1, -1) if tokens[n] == END), 0)
    return begin, next((n for n in range(at, len(tokens)) if tokens[n] == END), len(tokens))
