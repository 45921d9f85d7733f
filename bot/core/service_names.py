"""Which services a message names, of several that a server follows."""

from collections.abc import Iterable, Mapping, Sequence

from bot.core.mention_text import TextReader

_NAMED = "<svc>"


class ServiceNames:
    """Built from the words of each service. It reads a text as the mention detector does, and remembers none.

    `readers` read a text for each service, if a name is not one wherever it stands.
    """

    def __init__(self, words: Mapping[str, Sequence[str]], readers: Mapping[str, TextReader] | None = None) -> None:
        self.learn(words, readers)

    def learn(self, words: Mapping[str, Sequence[str]], readers: Mapping[str, TextReader] | None = None) -> None:
        """Know these services from now on, and no others."""
        self._any = TextReader([word for of_service in words.values() for word in of_service])
        self._readers = readers or {service_id: TextReader(of_service) for service_id, of_service in words.items()}

    def named(self, texts: Iterable[str], among: Iterable[str]) -> list[str]:
        """Those `among` these services that one of the texts names. Most texts name none, which is seen at once."""
        naming = [text for text in texts if _NAMED in self._any.read(text)]
        known = [one for one in among if naming and one in self._readers]
        return [one for one in known if any(_NAMED in self._readers[one].read(text) for text in naming)]
