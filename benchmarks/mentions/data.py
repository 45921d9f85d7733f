"""Reads what the detector learns from besides the written lines: ordinary chat, lexicons, names of products.

Chat comes from two packages that may be redistributed: chitchat-dataset (MIT) and chatterbot-corpus (BSD). A fifth of
it is held back from training, for measuring. Some of its people write that the chat they are in fails: these are true
reports. The lines where that was seen are left out (`not_ordinary.txt` has their hashes).
"""

import hashlib
import random
import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from itertools import chain

import yaml
from chitchat_dataset import Dataset

from benchmarks.mentions.lines import HERE, NOT_ORDINARY, Line
from bot.content.services import read_services
from bot.content.words import entries
from bot.core.mention_text import TextReader
from bot.core.service import Service

_HELD_BACK_EVERY = 5
OTHER_CHAT = 24_000
"""Lines without a word of trouble that are learnt from. They are many, and teach little."""
EASY = "easy"
EASY_STANDS_FOR = 6.7
"""So many lines of ordinary chat for each easy one that is learnt from."""
_TROUBLE = re.compile(
    r"\b(down|error|crash\w*|broke\w*|server|site|app|not work\w*|won't|wont|can't|cant|load\w*|open|anyone|everyone"
    r"|issue|problem|stuck|500|else|website|chat|bot|message|reply|log|back|fix\w*|again|today|why|internet|phone)\b",
    re.IGNORECASE,
)
_CORPORA = {
    "bengali": "bn", "chinese": "zh", "dutch": "nl", "english": "en", "french": "fr", "german": "de", "hebrew": "he",
    "hindi": "hi", "hinglish": "hi", "indonesian": "id", "italian": "it", "japanese": "ja", "korean": "ko",
    "persian": "fa", "portuguese": "pt", "russian": "ru", "spanish": "es", "swedish": "sv", "thai": "th",
    "traditionalchinese": "zh", "turkish": "tr", "ukrainian": "uk",
}  # fmt: skip


def chat(*, held_back: bool) -> list[Line]:
    """Ordinary chat, none of it a mention: for training, or the part held back from it.

    For training, all lines with words of trouble are taken, and some of the others, of the kind "easy".
    """
    reports = frozenset(NOT_ORDINARY.read_text("utf-8").split())
    talk = sorted({text for text in _chitchat() if 2 < len(text) < 400})  # noqa: PLR2004 - lines, not essays
    talk = [text for text in talk if _hash(text)[:12] not in reports]
    talk = [text for text in talk if _is_held_back(text) == held_back]
    hard = [text for text in talk if held_back or _TROUBLE.search(text)]
    easy = [text for text in talk if not held_back and not _TROUBLE.search(text)]
    random.Random(3).shuffle(easy)  # noqa: S311 - the same lines every time
    corpora = [line for line in _chatterbot() if _is_held_back(line.text) == held_back]
    return [
        *[Line(text, False, "en", "chat") for text in hard],
        *[Line(text, False, "en", EASY) for text in easy[:OTHER_CHAT]],
        *corpora,
    ]


def character_ai() -> Service:
    """The service that the lines are about."""
    return next(service for service in read_services(None) if service.id == "character-ai")


def lexicon_files() -> dict[str, dict[str, list[str]]]:
    """Language -> concept -> entries as written."""
    return {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted((HERE / "lexicon").glob("*.toml"))}


def products(reader: TextReader) -> list[list[str]]:
    """Names of other products, as tokens."""
    folder = files("bot.content").joinpath("mentions")
    return entries(reader, tomllib.loads(folder.joinpath("products.toml").read_text("utf-8"))["names"])


def _is_held_back(text: str) -> bool:
    return int(_hash(text)[:8], 16) % _HELD_BACK_EVERY == 0


def _hash(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _chitchat() -> Iterator[str]:
    for conversation in Dataset().values():
        for message in conversation["messages"]:
            for utterance in message:
                yield utterance["text"].strip()


def _chatterbot() -> Iterator[Line]:
    folder = files("chatterbot_corpus").joinpath("data")
    for name, language in _CORPORA.items():
        for part in sorted(folder.joinpath(name).iterdir(), key=lambda one: one.name):
            if part.name.endswith(".yml"):
                talks = yaml.safe_load(part.read_text("utf-8")).get("conversations") or []
                for said in dict.fromkeys(chain.from_iterable(talk for talk in talks if isinstance(talk, list))):
                    if isinstance(said, str):
                        yield Line(said, False, language, "chat")
