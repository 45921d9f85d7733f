"""Tables for people on Discord: commands, the settings of a server, permissions, messages about failures."""

import ast
from collections.abc import Callable, Iterator, Mapping
from gettext import NullTranslations
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

from discord import app_commands

from bot import discord_ui
from bot.core.errors import UnknownServiceError, WrongInputError
from bot.core.guild_settings import FIELDS, Field, Page
from bot.core.own_phrases import MAX_PHRASE, MAX_PHRASES
from bot.core.setting_kinds import (
    Channel,
    Channels,
    Duration,
    Emoji,
    Hours,
    NameSet,
    OneOf,
    People,
    PhraseList,
    Place,
    Role,
    Roles,
    Switch,
    Text,
)
from bot.core.texts import Texts
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.failures import TABLE
from bot.discord_ui.commands import ask
from bot.discord_ui.permissions import NEEDS
from bot.discord_ui.setup import why
from bot.discord_ui.setup.pages import TITLES
from bot.discord_ui.setup.values import in_words, span
from tests.docs.markdown import table

BOT = Path(__file__).parents[2] / "bot"
ENGLISH = Texts("en", NullTranslations())
MENUS: Mapping[str, tuple[bool, str]] = {
    ask.COMMAND_NAME: (True, "Answers that message, for whoever asks"),
    why.COMMAND_NAME: (False, "Every check of that message, and how to fix those that failed"),
}
"""Commands in the menu of a message, which have no description: whether they are for everybody, and what they do."""
_PLACES: Mapping[Place, str] = {
    Place.WRITTEN_IN: "a channel or thread",
    Place.ANNOUNCED_IN: "a text channel",
    Place.MODERATORS: "a text channel that not everybody can read",
}


def _named_values(kind: OneOf) -> str:
    return "; ".join(f"*{name}*: {meaning}" if meaning else f"*{name}*" for name, meaning in kind.names.values())


_CHOICES: Mapping[type, Callable[[Any], str]] = {
    Channels: lambda kind: f"up to {kind.most} channels, categories, forums or threads",
    Channel: lambda kind: _PLACES[kind.place],
    Roles: lambda kind: f"up to {kind.most} roles",
    Role: lambda _: "a role",
    People: lambda kind: f"up to {kind.most} people or roles at once",
    OneOf: _named_values,
    Duration: lambda kind: ", ".join(span(ENGLISH, one, kind.unit) for one in kind.values),
    Switch: lambda _: "on, off",
    NameSet: lambda kind: f"up to {kind.most} services",
    Hours: lambda _: "start, end and time zone",
    PhraseList: lambda _: f"up to {MAX_PHRASES} phrases of at most {MAX_PHRASE} characters",
    Emoji: lambda kind: f"up to {kind.most} emoji",
    Text: lambda kind: f"a text of at most {kind.most} characters",
}
_WHEN: Mapping[type[BaseException], str] = {
    app_commands.CommandSignatureMismatch: "the app still shows a command's options from before an update",
    app_commands.CommandNotFound: "the app still shows a command that no longer exists",
    app_commands.CheckFailure: "a moderator's command or button, without the permission",
    app_commands.NoPrivateMessage: "a moderator's command outside of servers",
    UnknownServiceError: "a service that the bot does not watch",
}


def members() -> str:
    """The commands for everybody."""
    return _commands(everybody=True)


def moderators() -> str:
    """The commands for moderators."""
    return _commands(everybody=False)


def options() -> str:
    """The options of each command."""
    rows = [
        (f"`/{command.name}`", f"`{option.display_name}`", str(option.description))
        for command in slash_commands()
        for option in command.parameters
    ]
    return table(("command", "option", "meaning"), rows)


def slash_commands() -> list[app_commands.Command[Any, ..., Any]]:
    """All slash commands in alphabetical order."""
    for module in walk_packages(discord_ui.__path__, f"{discord_ui.__name__}."):
        import_module(module.name)
    found = [command for cog in FeatureCog.__subclasses__() for command in cog.__cog_app_commands__]
    return sorted((one for one in found if isinstance(one, app_commands.Command)), key=lambda one: one.name)


def permissions() -> str:
    """The permissions in the invite link."""
    rows = [(need.name, f"{need.reason}{', in the outage channel' if need.for_outages else ''}") for need in NEEDS]
    return table(("Permission", "Why"), rows)


def pages() -> str:
    """The pages of `/setup`."""
    return table(("Page", "What is there"), TITLES.values())


def fields() -> str:
    """The settings of a server, page by page."""
    parts: list[str] = []
    for page in Page:
        parts += [f"## {TITLES[page][0]}", _fields([field for field in FIELDS if field.page is page])]
    return "\n\n".join((*parts, "## Without a control of their own", _fields([f for f in FIELDS if f.page is None])))


def failures() -> str:
    """The messages about expected errors."""
    rows = [
        (_sentence(kind), _WHEN.get(kind, "the database could not be written; what was asked for was not done"))
        for kind in TABLE
        if kind is not WrongInputError
    ]
    together: dict[str, list[str]] = {}
    for sentence, when in rows:
        together.setdefault(sentence, []).append(when)
    return table(("what people read", "when"), [(one, "; ".join(when)) for one, when in together.items()])


def refusals() -> str:
    """The messages about invalid values."""
    return table(("what people read",), [(sentence,) for sentence in refused()])


def refused() -> list[str]:
    """The sentences of every `WrongInputError` in the code. Fails if one cannot be found."""
    trees = [ast.parse(file.read_text("utf-8")) for file in sorted(BOT.rglob("*.py"))]
    everywhere = [named for tree in trees for named in _assigned(tree)]
    found: set[str] = set()
    for tree in trees:
        here = list(_assigned(tree))
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == WrongInputError.__name__:
                given = call.args[1]
                sentences = _marked(given) or _named(given, here) or _named(given, everywhere)
                assert sentences, f"no sentence for {ast.unparse(call)}"
                found.update(sentences)
    return sorted(found)


def _named(given: ast.AST, known: list[tuple[str, ast.AST]]) -> list[str]:
    """The sentences in the values of the names in an expression, also in functions that are called there."""
    names = {node.id for node in ast.walk(given) if isinstance(node, ast.Name)}
    meant = [value for name, value in known if name in names]
    called = [value for value in meant if isinstance(value, ast.Call)]
    return [sentence for value in meant for sentence in _marked(value)] + [
        sentence for call in called for sentence in _named(call.func, known)
    ]


def _commands(*, everybody: bool) -> str:
    rows = [
        (f"`/{one.name}`", str(one.description))
        for one in slash_commands()
        if (one.default_permissions is None) is everybody
    ]
    rows += [
        (f"*Apps* → *{name}*", meaning) for name, (all_of_them, meaning) in MENUS.items() if all_of_them is everybody
    ]
    return table(("command", "what it does"), rows)


def _fields(shown: list[Field]) -> str:
    rows = [(f"**{one.label}**<br>`{one.name}`", one.help, _choices(one), _default(one)) for one in shown]
    return table(("setting", "what it does", "what you can choose", "at first"), rows)


def _default(field: Field) -> str:
    written = field.kind.write(field.default)
    return in_words(ENGLISH, field, written, {})


def _choices(field: Field) -> str:
    choice = _CHOICES.get(type(field.kind))
    if choice is None:
        return "one from the list" if field.page else ""
    return choice(field.kind)


def _sentence(kind: type[BaseException]) -> str:
    error = UnknownServiceError("NAME") if kind is UnknownServiceError else None
    return TABLE[kind](ENGLISH, error)


def _assigned(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """The names in a module with their values or functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            yield from ((one.id, node.value) for one in node.targets if isinstance(one, ast.Name))
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value
        elif isinstance(node, ast.FunctionDef):
            yield node.name, node


def _marked(value: ast.AST) -> list[str]:
    """The sentences that are marked with `N_` in an expression."""
    return [
        call.args[0].value
        for call in ast.walk(value)
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") == "N_"
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    ]
