"""What the mention model looks at in a message: words, pieces of words, neighbours, and concepts of a lexicon.

A *concept* is what a word means for our question, whatever its language: `fails`, `acts`, `cannot`, `past`, `own`, ...
Concepts carry what was learnt in one language over to the others; words and their pieces carry the rest.

A report is a *stretch* of a message: a few neighbouring clauses. What is written around it may speak against it (it is
over, it is another product), but does not dilute it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations, islice, pairwise, product
from typing import NamedTuple

from bot.core.mention_text import clauses, written_together

Tags = tuple[str, ...]
Pair = tuple[str, str]

MOST_CONCEPTS = 12
"""Of a clause with more, the rest is not looked at: enough for talk, and a bound for whatever is thrown at us."""
MOST_CLAUSES = 24
"""Clauses of a message that are looked at."""
LONGEST_STRETCH = 3
"""Clauses that may together be the report."""
REACH = 3
"""How many clauses further on a clause is compared with."""
_SHORTEST_STEM = 3
_LONGEST_WORD = 24
_LONGEST_RUN = 120
_SIGNS = {
    "<svc>": "svc",
    "<maysvc>": "maysvc",
    "<5xx>": "5xx",
    "<num>": "num",
    "?": "?",
    "<shown>": "shown",
    "<quote>": "quote",
    "<other>": "other",
}


class Lexicon:
    """Words and phrases by concept. A word may have several concepts; `*` at its end stands for any ending.

    `concepts` maps a concept to its entries, already read into tokens.
    """

    def __init__(self, concepts: Mapping[str, Iterable[Sequence[str]]]) -> None:
        self._phrases: dict[str, Tags] = {}
        self._stems: dict[str, Tags] = {}
        self._parts: dict[str, Tags] = {}
        self._starts: dict[str, int] = {}
        self._same: dict[Tags, Tags] = {}
        for concept, entries in concepts.items():
            for tokens in entries:
                self._add(concept, tokens)
        self._longest_part = max(map(len, self._parts), default=0)
        self._known: dict[str, Tags] = {}

    def _add(self, concept: str, tokens: Sequence[str]) -> None:
        if tokens[-1] == "*":
            tokens = tokens[:-1]
            self._put(self._stems, " ".join(tokens), concept)
        elif len(tokens) == 1 and written_together(tokens[0]):
            self._put(self._parts, tokens[0], concept)
        else:
            self._put(self._phrases, " ".join(tokens), concept)
        if len(tokens) > 1:
            self._starts[tokens[0]] = max(self._starts.get(tokens[0], 0), len(tokens))

    def _put(self, table: dict[str, Tags], key: str, concept: str) -> None:
        tags = table.get(key, ())
        if concept not in tags:
            longer = (*tags, concept)
            # Many words have the same concepts: one tuple for all of them saves most of their memory.
            table[key] = self._same.setdefault(longer, longer)

    def expect(self, tokens: Iterable[str]) -> None:
        """Work these out beforehand, which only makes it faster. No other token is remembered: people wrote it."""
        self._known.update((token, self._of_token(token)) for token in tokens)

    def concepts(self, clause: Sequence[str]) -> list[str]:
        """The concepts of a clause in their order, the first `MOST_CONCEPTS`. The longest phrase wins."""
        found: list[str] = []
        at, count = 0, len(clause)
        starts, known = self._starts, self._known
        while at < count and len(found) < MOST_CONCEPTS:
            token = clause[at]
            if token in starts and (longer := self._phrase_at(clause, at)) is not None:
                step, tags = longer
            else:
                step, tags = 1, known.get(token)
                if tags is None:
                    tags = self._of_token(token)
            found.extend(tags)
            at += step
        return found[:MOST_CONCEPTS]

    def _phrase_at(self, clause: Sequence[str], at: int) -> tuple[int, Tags] | None:
        for length in range(min(self._starts[clause[at]], len(clause) - at), 1, -1):
            phrase = " ".join(clause[at : at + length])
            if tags := self._phrases.get(phrase) or self._stem(phrase):
                return length, tags
        return None

    def _of_token(self, token: str) -> Tags:
        if sign := _SIGNS.get(token):
            tags: Tags = (sign,)
        elif written_together(token):
            tags = tuple(self._in_run(token))
        else:
            tags = self._phrases.get(token) or self._stem(token)
        return tags

    def _stem(self, word: str) -> Tags:
        for end in range(min(len(word), _LONGEST_WORD), _SHORTEST_STEM - 1, -1):
            if tags := self._stems.get(word[:end]):
                return tags
        return ()

    def _in_run(self, run: str) -> Iterator[str]:
        at = 0
        while at < min(len(run), _LONGEST_RUN):
            for length in range(min(self._longest_part, len(run) - at), 0, -1):
                if tags := self._parts.get(run[at : at + length]):
                    yield from tags
                    at += length
                    break
            else:
                at += 1


def of_word(word: str) -> list[str]:
    """The features of one word by itself: the word, and its pieces so that typos and endings matter less."""
    if written_together(word):
        run = word[:_LONGEST_RUN]
        return [f"#{run[i : i + n]}" for n in (1, 2, 3, 4) for i in range(len(run) - n + 1)]
    if word[0] == "<" or (word.isascii() and not word.isalpha()):
        return [word]
    padded = f"_{word[:_LONGEST_WORD]}_"
    return [word, *(f"#{padded[i : i + n]}" for n in (3, 4, 5) for i in range(len(padded) - n + 1))]


def of_word_at_first(word: str) -> list[str]:
    """The few features of one word for the gate: most words of ordinary chat are met for the first time."""
    if written_together(word):
        run = word[:_LONGEST_RUN]
        return ["#" + run[i : i + 2] for i in range(len(run) - 1)]
    if word[0] == "<" or (word.isascii() and not word.isalpha()):
        return [word]
    padded = f"_{word[:_LONGEST_WORD]}_"
    pieces = ["#" + padded[i : i + 4] for i in range(len(padded) - 3)]
    pieces.append(word)
    return pieces


def of_neighbours(clause: Sequence[str]) -> Iterator[str]:
    """Pairs of neighbouring words, the clause's begin and end among them."""
    before = "^"
    for token in clause:
        yield f"{before} {token}"
        before = token
    yield f"{before} $"


def of_concepts(tags: Sequence[str]) -> tuple[set[str], set[Pair], set[Pair]]:
    """What the concepts of a clause say: which there are, which follow one another, which stand together.

    "^" and "$" are the clause's ends.
    """
    single = set(tags)
    return single, set(pairwise(("^", *tags, "$"))), set(combinations(sorted(single), 2))


def of_length(words: int) -> str:
    """About how long a stretch is."""
    return f"~{min(words.bit_length(), 6)}"


def spans(count: int) -> list[tuple[int, int]]:
    """Where the stretches of so many clauses begin and end: each run of a few neighbouring clauses."""
    return [
        (begin, begin + length)
        for length in range(1, min(LONGEST_STRETCH, count) + 1)
        for begin in range(count - length + 1)
    ]


def neighbours_of(count: int) -> list[tuple[int, int]]:
    """The clauses that are compared, the earlier first."""
    return [(one, other) for one in range(count) for other in range(one + 1, min(count, one + REACH + 1))]


class Features(NamedTuple):
    """What the model looks at in a message, to train it: in all of it, and in each of its stretches."""

    whole: list[str]
    stretches: list[list[str]]


def features(tokens: Sequence[str], lexicon: Lexicon) -> Features:
    """Everything the model looks at; a piece that several words share is there for each.

    The detector adds up the same, clause by clause.
    """
    parts = list(islice(clauses(tokens), MOST_CLAUSES)) or [[]]
    found = [lexicon.concepts(clause) for clause in parts]
    own = [list(_of_clause(clause, tags)) for clause, tags in zip(parts, found, strict=True)]

    def among(begin: int, end: int) -> list[str]:
        words = sum(map(len, parts[begin:end]))
        return [of_length(words), *chain.from_iterable(own[begin:end]), *_across(found, begin, end)]

    whole = among(0, len(parts))
    return Features(whole, [among(begin, end) for begin, end in spans(len(parts))])


def _of_clause(clause: Sequence[str], tags: Sequence[str]) -> Iterator[str]:
    for word in dict.fromkeys(clause):
        yield from of_word(word)
    yield from set(of_neighbours(clause))
    single, follow, together = of_concepts(tags)
    yield from (f"={tag}" for tag in single)
    yield from (f"{a}>{b}" for a, b in follow)
    yield from (f"{a}&{b}" for a, b in together)


def _across(found: Sequence[Sequence[str]], begin: int, end: int) -> Iterator[str]:
    """Concepts of two clauses that are close to each other."""
    for one, other in neighbours_of(len(found)):
        if begin <= one and other < end:
            yield from (f"{a}+{b}" for a, b in product(set(found[one]), set(found[other])))
