"""Values of settings in words: on the pages, in the change log, and before an import."""

import json
import re
from collections.abc import Mapping
from typing import Any, cast

from bot.core.errors import WrongInputError
from bot.core.guild_settings import Field
from bot.core.reports import MINUTE
from bot.core.setting_kinds import (
    Channel,
    Channels,
    Duration,
    Emoji,
    Hours,
    Name,
    NameSet,
    OneOf,
    People,
    PhraseList,
    Role,
    Roles,
    Switch,
    Unit,
)
from bot.core.texts import Texts
from bot.discord_ui.render import words
from bot.discord_ui.render.escape import code, plain

Names = Mapping[str, Mapping[str, str]]
"""Setting -> value -> its name, for values whose names only the running bot knows: languages and services."""
_EMOJI = re.compile(r"<a?:\w{2,32}:\d{13,20}>|[^\x00-\x9f\u061c\u2028-\u202e\u2066-\u2069]+", re.ASCII)
"""A custom emoji of a server, or non-Latin characters, which cannot mention, link or format."""


def in_words(texts: Texts, field: Field, written: Any, names: Names) -> str:
    """A value, given as JSON, as moderators read it."""
    if isinstance(field.kind, People):
        count = written if isinstance(written, int) else len(cast("list[Any]", written or []))
        return words.number(texts, count) if count else texts.say(field.empty)
    try:
        field.read(written)
    except WrongInputError:  # accepted by an older version
        return plain(json.dumps(written, ensure_ascii=False), 120)
    if written is None or written == []:
        return texts.say(field.empty)
    if isinstance(field.kind, NameSet):
        named = names.get(field.name, {})
        return ", ".join(named.get(one) or plain(one, 60) for one in cast("list[str]", written))
    if isinstance(written, list):
        apart = ", " if isinstance(field.kind, PhraseList) else " "
        return apart.join(one_of(field, one) for one in cast("list[str]", written))
    return _in_words(texts, field, written, names)


def _in_words(texts: Texts, field: Field, written: Any, names: Names) -> str:
    match field.kind:
        case Channel() | Role():
            text = one_of(field, written)
        case OneOf():
            text = texts.say(field.kind.names[written][0])
        case Duration():
            text = span(texts, written, field.kind.unit)
        case Switch():
            text = texts.say("on") if written else texts.say("off")
        case Hours():
            text = texts.say("{start} to {end}, {zone}", **written)
        case Name():
            text = names.get(field.name, {}).get(written) or plain(written, 60)
        case _:
            text = plain(str(written), 300)
    return text


def one_of(field: Field, written: str) -> str:
    """One item of a setting."""
    match field.kind:
        case Channels() | Channel():
            return f"<#{written}>"
        case Roles() | Role():
            return f"<@&{written}>"
        case Emoji():
            # An import may contain anything, so a value that is not entirely an emoji is shown as plain text.
            return written if _EMOJI.fullmatch(written) else plain(written, 40)
        case _:
            return code(" ".join(written.split()))


def difference(texts: Texts, field: Field, before: Any, after: Any, names: Names) -> str:
    """A change, given as JSON: added and removed items of a list, otherwise the value before and after."""
    if isinstance(field.kind, Channels | Roles | PhraseList | Emoji) and _are_texts(before, after):
        came = " ".join(one_of(field, one) for one in after if one not in before)
        went = " ".join(one_of(field, one) for one in before if one not in after)
        if came and went:
            return texts.say("added {came}, removed {went}", came=came, went=went)
        return texts.say("added {came}", came=came) if came else texts.say("removed {went}", went=went)
    return " → ".join(_short(texts, field, written, names) for written in (before, after))


def _short(texts: Texts, field: Field, written: Any, names: Names) -> str:
    """A value in words; for an unset channel without the meaning of that."""
    if written is None and isinstance(field.kind, Channel):
        return texts.say("no channel")
    return in_words(texts, field, written, names)


def _are_texts(*lists: Any) -> bool:
    return all(isinstance(one, list) and all(isinstance(t, str) for t in cast("list[Any]", one)) for one in lists)


def span(texts: Texts, number: int, unit: Unit = Unit.SECONDS) -> str:
    """A duration as text."""
    if unit is Unit.HOURS:
        return texts.many("every {n} hour", "every {n} hours", number) if number else texts.say("no reminders")
    if not number:
        return texts.say("none")
    return texts.many("{n} second", "{n} seconds", number) if number < MINUTE else words.duration(texts, number)
