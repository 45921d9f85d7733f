"""All errors that this project raises. Their messages are for operators; members read sentences of the interface.

NotJustYouError
├── ConfigurationError      settings or service files are wrong: stop, because a restart will not help
├── StoreError              the database could not do what was asked
│   └── SchemaError         the database was written by another version of the bot
├── DiscordRefusedError Discord refuses the token
├── DiscordUnreachableError Discord could not be reached
├── OutdatedError Discord no longer supports what this version requests
├── UnknownServiceError     no service of that name is watched
└── InvalidValueError       a value cannot be used; the message says which one and what is expected
    └── WrongInputError the same for a person's input in Discord; they read a sentence
"""

from collections.abc import Sequence


class NotJustYouError(Exception):
    """Anything this project raises on purpose."""


class ConfigurationError(NotJustYouError):
    """Settings or service files are wrong. `faults` has one sentence for each fault."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class StoreError(NotJustYouError):
    """The database could not do what was asked; nothing was acknowledged."""


class SchemaError(StoreError):
    """This version cannot use the database's schema."""


class DiscordRefusedError(NotJustYouError):
    """Discord refuses the token; a restart with the same settings will not help.

    `before`: it refused this token earlier, so it was not asked again.
    """

    def __init__(self, *, before: bool = False) -> None:
        what = "Discord refused this token before, so it was not tried again" if before else "Discord refused the token"
        super().__init__(f"{what}; reset it in the Developer Portal (Bot > Reset Token) and put it into .env")


class DiscordUnreachableError(NotJustYouError):
    """Discord could not be reached; a later try may succeed."""


class OutdatedError(NotJustYouError):
    """Discord no longer supports what this version of the bot requests; only a newer version helps."""


class UnknownServiceError(NotJustYouError):
    """No service of that name is watched."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no service called {name!r}; `notjustyou services list` shows them")
        self.name = name


class InvalidValueError(NotJustYouError):
    """A value that cannot be used: `field` names it, `expected` says what would be right."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field}: should be {expected}")
        self.field = field
        self.expected = expected


class WrongInputError(InvalidValueError):
    """A person's choice or text cannot be used.

    `field` names the setting or option; `sentence` (marked with `N_`) tells the person what to do, with `values`.
    """

    def __init__(self, field: str, sentence: str, **values: object) -> None:
        said = sentence.format_map(values)
        super().__init__(field, said)
        self.args = (f"{field}: {said}",)
        self.sentence = sentence
        self.values = values
