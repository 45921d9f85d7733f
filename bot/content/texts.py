"""The translation catalogues: `locales/<language>/LC_MESSAGES/bot.po`, read directly, without a build step."""

from collections.abc import Mapping
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO

import polib

from bot.core.service import FALLBACK_LANGUAGE, pick
from bot.core.texts import Texts

DOMAIN = "bot"


class Catalogues:
    """All languages we have, read once at start."""

    def __init__(self, catalogues: Mapping[str, NullTranslations]) -> None:
        self._texts = {tag: Texts(tag, catalogue) for tag, catalogue in catalogues.items()}
        self._texts.setdefault(FALLBACK_LANGUAGE, Texts(FALLBACK_LANGUAGE, NullTranslations()))

    @classmethod
    def read(cls, folder: Traversable | None = None) -> "Catalogues":
        """Read the catalogues in a folder; the built-in ones by default."""
        folder = folder or files("bot.content").joinpath("locales")
        translations: dict[str, NullTranslations] = {}
        for language in folder.iterdir():
            po = language.joinpath("LC_MESSAGES", f"{DOMAIN}.po")
            if po.is_file():
                translations[language.name] = _translations(po)
        return cls(translations)

    def texts(self, language: str) -> Texts:
        """The sentences of a language: for `pt-BR` those of `pt-BR`, else `pt`, else English."""
        texts = pick(self._texts, language)
        assert texts is not None, "English is always included"
        return texts

    def names(self) -> Mapping[str, str]:
        """Language tag -> the language's own name."""
        return {tag: _own_name(tag) for tag in sorted(self._texts)}


def _own_name(tag: str) -> str:
    from babel import Locale  # noqa: PLC0415 - its tables take 5 MB, which most bots need for no answer

    return (Locale.parse(tag, sep="-").get_display_name() or tag).capitalize()


def _translations(po: Traversable) -> GNUTranslations:
    return GNUTranslations(BytesIO(polib.pofile(po.read_text("utf-8")).to_binary()))
