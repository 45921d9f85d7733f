"""The sentences of the cards as HTML: Discord's times and bold type become elements, everything else is escaped."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from babel.dates import format_date, format_timedelta
from markupsafe import Markup, escape

_PARTS = re.compile(r"\\(?P<escaped>.)|(?P<bold>\*\*)|<t:(?P<at>\d+):(?P<form>[tfR])>|(?P<small>^-# )|\u200b")
"""The markup of the cards: Markdown, times, and the invisible spaces that break mentions."""
_BEGIN, _END = Markup("<strong>"), Markup("</strong>")


@dataclass(frozen=True, slots=True)
class PageReader:
    """The reader of the page: language (a tag) and time (epoch seconds)."""

    language: str
    now: float

    @property
    def locale(self) -> str:
        """Babel's name of the language."""
        return self.language.replace("-", "_")


def html(text: str, reader: PageReader) -> Markup:
    """A sentence of a card as HTML."""
    made, bold, done = list[Markup](), False, 0
    for part in _PARTS.finditer(text):
        made.append(escape(text[done : part.start()]))
        done = part.end()
        if part["escaped"]:
            made.append(escape(part["escaped"]))
        elif part["bold"]:
            made.append(_END if bold else _BEGIN)
            bold = not bold
        elif part["at"]:
            made.append(moment(int(part["at"]), part["form"], reader))
    made.append(escape(text[done:]))
    if bold:
        made.append(_END)
    return Markup("").join(made)


def moment(at: float, form: str, reader: PageReader) -> Markup:
    """A time as an element: `t` of the day, `f` with the date, `d` only the day, `R` as an age.

    It is written in UTC; the page's script shows it in the reader's time zone, and keeps ages up to date.
    """
    then = datetime.fromtimestamp(int(at), UTC)
    shown = {"t": _time, "f": _date_and_time, "d": _day, "R": _age}[form](then, reader)
    return Markup('<time datetime="{}" data-form="{}">{}</time>').format(
        then.strftime("%Y-%m-%dT%H:%M:%SZ"), form, shown
    )


def _time(then: datetime, _reader: PageReader) -> str:
    return then.strftime("%H:%M UTC")


def _date_and_time(then: datetime, reader: PageReader) -> str:
    return f"{format_date(then, 'long', locale=reader.locale)}, {_time(then, reader)}"


def _day(then: datetime, reader: PageReader) -> str:
    return format_date(then, "d. MMM" if reader.language == "de" else "d MMM", locale=reader.locale)


def _age(then: datetime, reader: PageReader) -> str:
    seconds = min(0, round(then.timestamp() - reader.now))
    return format_timedelta(timedelta(seconds=seconds or -1), add_direction=True, locale=reader.locale)
