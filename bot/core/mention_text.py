"""Reads a message for the mention detector: odd letters folded, markup named, then tokens clause by clause.

Whatever a person can do to the looks of a word without changing it for a reader is undone here: capitals, accents,
styled and full-width letters, look-alikes of another alphabet, zero-width characters, stretched letters, digits
for letters. So texts that are equal under Unicode's NFKC are read the same. Only names keep their accents: Vietnamese
"cái" is not "cai".

Markup becomes one token each, because what it says is mostly not said by the writer: `<code>`, `<quote>`, `<url>`,
`<act>` (an action in asterisks), `<user>`; numbers become `<5xx>` or `<num>`; the service's words `<svc>`, or
`<maysvc>` where they may be an everyday word.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

MAX_LENGTH = 4000
"""Discord's longest message. Of a longer text only this much is read."""

MAX_TOKENS = 240
"""A report that comes later than this in a message is not looked for."""

END = "|"
"""Stands between clauses."""

MAYBE_SERVICE = "<maysvc>"
"""Stands for a word that is the service's name or an everyday word of the message's language."""

_MOST_MARKS = 8
"""Marks on one letter that are looked at; more of them are there for their looks."""

# Signs that show nothing: soft hyphen, zero-width ones, direction marks, variation selectors.
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
# Letters that NFKD leaves as they are, though people write them without their stroke.
_STROKES = str.maketrans("ıłđøیک", "ildoيك", "'’ʼ´ـ")
# Cyrillic and Greek letters that look like Latin ones (Unicode's confusables, the lower-case part).
_LOOK_ALIKES = str.maketrans("аеорсухіјѕһԁԛԝкмтнвαοινρτυκ", "aeopcyxijshdqwkmthbaoivptuk")
_LATIN = re.compile(r"[a-z]")
_DIGIT_LETTERS = str.maketrans("013457", "oieast")
_STRETCHED = re.compile(r"([^\W\d_])\1+")
_FENCE = re.compile(r"```(.*?)(?:```|\Z)|`([^`\n]+)`", re.DOTALL)
_QUOTED_LINE = re.compile(r"^[ \t]*>+[ \t]?(.*)$", re.MULTILINE)
_OTHER_MARKUP = re.compile(
    r"(?P<url>https?://\S+|www\.\S+)|(?P<emoji><a?:\w+:\d+>)|(?P<user><[@#][^>]{1,30}>)"
    r"|(?P<act>(?<![*\w])\*(?=\S)[^*\n]{12,300}\*(?![*\w]))"
)
_SHOWN = re.compile(r"\b(?:[1-5]\d\d|error|fail\w*|exception|gateway|unavailable|timed? ?out)\b")
_TOGETHER = "\u0e00-\u0eff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_INDIC = "\u0900-\u0dff"
_LETTERS = rf"[^\W\d_{_TOGETHER}{_INDIC}]+"
_TOKEN = re.compile(
    rf"{_LETTERS}(?:[013457](?={_LETTERS}){_LETTERS})*(?:['’ʼ´](?:t|s|re|ll|m|ve|d)(?!\w))?"
    r"|<[a-z5]+>"
    r"|\d+(?:[.,:]\d+)*"
    rf"|[{_TOGETHER}]+|[{_INDIC}]+"
    "|[\U0001f300-\U0001faff\u2600-\u27bf]"
    r"|[?؟]+|[.!,;:\n。、।()\[\]\"“”„«»…-]+"
)
# The same for a text of small ASCII letters, which most are: a third faster.
_ASCII_TOKEN = re.compile(
    r"[a-z]+(?:[013457][a-z]+)*(?:'(?:t|s|re|ll|m|ve|d)(?!\w))?"
    r"|<[a-z5]+>"
    r"|\d+(?:[.,:]\d+)*"
    r"|\?+|[.!,;:\n()\[\]\"-]+",
    re.ASCII,
)
_SERVER_ERRORS = frozenset({"500", "501", "502", "503", "504", "520", "521", "522", "523", "524", "525", "529"})
_WRITTEN_TOGETHER = re.compile(rf"[{_TOGETHER}]")


class TextReader:
    """Turns texts into tokens, for one service.

    `words` are what its community calls it, `others` what other watched services are called. A word of `careful` is
    the service's only if none of the everyday words given with it is in the message; else it may be (Portuguese "cai"
    means "falls"). It remembers no word that it reads, for people wrote it: `expect` names those that it may know
    beforehand, which only makes it faster.
    """

    def __init__(
        self, words: Sequence[str], others: Sequence[str] = (), careful: Mapping[str, frozenset[str]] | None = None
    ) -> None:
        self._names = _Names(words, "<svc>")
        self._others = _Names(others, "<other>")
        self._careful = careful or {}
        self._known: dict[str, str] = {}

    def read(self, text: str) -> list[str]:
        """The tokens of a text; `END` between clauses, at most `MAX_TOKENS`."""
        return self.tokens(self.letters(text))

    def letters(self, text: str) -> list[str]:
        """What the tokens of a text are read from, each as it is written."""
        text = self._prepare(text)
        letters = (_ASCII_TOKEN if text.isascii() else _TOKEN).findall(text)[:MAX_TOKENS]
        return letters if self._careful.keys().isdisjoint(letters) else self._doubted(letters)

    def tokens(self, letters: Iterable[str]) -> list[str]:
        """The tokens of a text from its letters."""
        tokens: list[str] = []
        before, known = END, self._known
        for found in letters:
            token = known.get(found) or self.token(found)
            if token != END or before != END:
                tokens.append(token)
            before = token
        return tokens

    def expect(self, letters: Iterable[str]) -> set[str]:
        """Know words beforehand, as they are spelt; gives their tokens."""
        self._known.update((spelt, self.token(spelt)) for spelt in letters)
        return set(self._known.values())

    def spelt(self, text: str) -> list[tuple[str, str]]:
        """The tokens as `read` gives them, each with its letters in the text."""
        return [(self.token(letters), letters) for letters in self.letters(text)]

    def _doubted(self, letters: Sequence[str]) -> list[str]:
        doubted = {word for word, everyday in self._careful.items() if not everyday.isdisjoint(letters)}
        return [MAYBE_SERVICE if word in doubted else word for word in letters]

    def _prepare(self, text: str) -> str:
        text = flat(text)
        if "`" in text or "<" in text or ">" in text or "*" in text or "://" in text or "www." in text:
            text = _name_markup(text)
        return self._others.mark(self._names.mark(text))

    def token(self, found: str) -> str:
        """The token of a word or sign, as it is spelt in a flat text."""
        if found.isascii():
            token = name = _STRETCHED.sub(r"\1", found) if found.isalpha() else _token(found)
        else:
            token = _token(found)
            if _has_marks(found):
                return token
            # A name may be written in look-alikes only; other words may not, they could be words of that alphabet.
            name = token.translate(_LOOK_ALIKES)
        return self._names.single.get(name) or self._others.single.get(name, token)


class _Names:
    """Names of a service: those of one word are known by their token, the others are looked for in the text."""

    def __init__(self, words: Sequence[str], sign: str) -> None:
        names = {flat(word).strip() for word in words if word.strip()}
        self.single = {fold(name): sign for name in names if name.isalpha() and name.isascii()}
        longer = sorted((name for name in names if not (name.isalpha() and name.isascii())), key=len, reverse=True)
        joined = "|".join(map(self._pattern, longer))
        self._longer = re.compile(rf"(?<![a-z0-9@])(?:{joined})(?![a-z0-9])") if joined else None
        self._keys = tuple({max(re.split(r"[\s.-]", name), key=len) for name in longer})
        self._sign = f" {sign} "

    def _pattern(self, name: str) -> str:
        """The last letter may be stretched; "-" or nothing may stand for a space, unless that is another name."""
        between = r"[\s-]+" if fold(name.replace(" ", "")) in self.single else r"[\s-]*"
        return re.escape(name).replace(r"\ ", between) + re.escape(name[-1]) + "*"

    def mark(self, text: str) -> str:
        """The text with the longer names replaced by their sign."""
        if self._longer is not None:
            for key in self._keys:
                if key in text:
                    return self._longer.sub(self._sign, text)
        return text


def flat(text: str) -> str:
    """The text in small compatibility letters, without signs that show nothing and without combining marks."""
    text = text[:MAX_LENGTH]
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", _with_few_marks(_HIDDEN.sub("", text)))
    # What has no letter of its own stays a mark, and lower case may give some ("İ").
    return _without_marks(text.casefold())


def fold(word: str) -> str:
    """A flat word without differences that readers do not see or do not mean: accents, look-alikes, stretching."""
    if word.isascii():
        if word.isalpha():
            return _STRETCHED.sub(r"\1", word)
    else:
        word = unicodedata.normalize("NFC", _without_marks(unicodedata.normalize("NFKD", word)))
        if _LATIN.search(word):
            word = word.translate(_LOOK_ALIKES)
    return _STRETCHED.sub(r"\1", word.translate(_STROKES).translate(_DIGIT_LETTERS))


def written_together(token: str) -> bool:
    """Whether this token is of a script that is written without spaces, so that it may hold many words."""
    return not token.isascii() and _WRITTEN_TOGETHER.match(token) is not None


def clauses(tokens: Sequence[str]) -> Iterator[list[str]]:
    """The tokens clause by clause; none is empty."""
    clause: list[str] = []
    for token in tokens:
        if token == END:
            if clause:
                yield clause
            clause = []
        else:
            clause.append(token)
    if clause:
        yield clause


def _token(found: str) -> str:
    first = found[0]
    if first.isdigit():
        return "<5xx>" if found in _SERVER_ERRORS else "<num>"
    if first == "<":
        return found
    if first.isalpha() or _INDIC[0] <= first <= _INDIC[-1]:
        return fold(found) or END
    if first in "?؟":
        return "?"
    return found if "\u2600" <= first <= "\u27bf" or first >= "\U0001f300" else END


def _name_markup(text: str) -> str:
    text = _FENCE.sub(_code, text)
    text = _QUOTED_LINE.sub(" <quote> ", text)
    return _OTHER_MARKUP.sub(lambda found: f" <{found.lastgroup}> ", text)


def _code(found: re.Match[str]) -> str:
    # Code that shows an error may be the service's; whether it is, the words around it tell.
    return " <shown> " if _SHOWN.search(found.group()) else " <code> "


def _has_marks(word: str) -> bool:
    return not _marks().isdisjoint(unicodedata.normalize("NFD", word))


def _with_few_marks(text: str) -> str:
    """The text without the marks that follow many others: to order thousands on one letter takes quadratic time."""
    marks = _marks()
    if marks.isdisjoint(text):
        return text
    kept, run = list[str](), 0
    for sign in text:
        run = run + 1 if sign in marks else 0
        if run <= _MOST_MARKS:
            kept.append(sign)
    return "".join(kept)


def _without_marks(text: str) -> str:
    marks = _marks()
    return text if marks.isdisjoint(text) else "".join([sign for sign in text if sign not in marks])


@cache
def _marks() -> frozenset[str]:
    """All combining marks."""
    return frozenset(filter(unicodedata.combining, map(chr, range(0x300, 0x20000))))
