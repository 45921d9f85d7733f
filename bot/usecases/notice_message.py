"""Auto-replies: is this message a mention we may answer, here, now, to this person?"""

from dataclasses import dataclass
from enum import StrEnum

from bot.core.cooldowns import Cooldowns
from bot.core.guild_settings import GuildSettings
from bot.core.mentions import Detector, Mention
from bot.core.privacy import ReporterKey
from bot.core.service import Service
from bot.usecases.configure_guild import GuildBook
from bot.usecases.ports import Clock, OptOuts
from bot.usecases.services import Services


class Silence(StrEnum):
    """Why a message gets no answer."""

    OFF_HERE = "off_here"
    NO_MENTION = "no_mention"
    OPTED_OUT = "opted_out"
    CHANNEL_COOLDOWN = "channel_cooldown"
    PERSON_COOLDOWN = "person_cooldown"


@dataclass(frozen=True, slots=True)
class Heard:
    """A message by a person. `text` is used for this one decision and never kept."""

    guild_id: int
    channel_id: int
    author_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer it: with the state of this service, because of this mention."""

    service: Service
    mention: Mention
    settings: GuildSettings


class NoticeMessage:
    """Decides over one message. The cheap refusals come first."""

    def __init__(
        self,
        *,
        services: Services,
        detectors: dict[str, Detector],
        guilds: GuildBook,
        opt_outs: "OptOutBook",
        key: ReporterKey,
        clock: Clock,
    ) -> None:
        self._services = services
        self._detectors = detectors
        self._guilds = guilds
        self._opt_outs = opt_outs
        self._key = key
        self._clock = clock
        self._cooldowns = Cooldowns()

    def listens(self, guild_id: int, channel_id: int) -> bool:
        """Whether auto-reply is on in this channel."""
        return channel_id in self._guilds.get(guild_id).channels

    def notice(self, heard: Heard) -> Reply | Silence:
        """Reply, or the reason to stay silent. A reply starts the cooldowns."""
        settings = self._guilds.get(heard.guild_id)
        if heard.channel_id not in settings.channels:
            return Silence.OFF_HERE
        service = self._services.find(None, settings.service)
        mention = self._detectors[service.id].detect(heard.text)
        if mention is None:
            return Silence.NO_MENTION
        if self._opt_outs.has(self._key.reporter(heard.author_id)):
            return Silence.OPTED_OUT
        now = self._clock()
        channel = ("channel", heard.channel_id)
        person = ("person", heard.guild_id, heard.author_id)
        if not self._cooldowns.ready(channel, now):
            return Silence.CHANNEL_COOLDOWN
        if not self._cooldowns.ready(person, now):
            return Silence.PERSON_COOLDOWN
        self._cooldowns.start(channel, now, settings.cooldown)
        self._cooldowns.start(person, now, settings.person_cooldown)
        return Reply(service, mention, settings)


class OptOutBook:
    """Who wants no auto-replies: in memory, written through to the store."""

    def __init__(self, store: OptOuts, key: ReporterKey, clock: Clock) -> None:
        self._store = store
        self._key = key
        self._clock = clock
        self._reporters: set[int] = set()

    async def load(self) -> None:
        """Read everybody at start."""
        self._reporters = set(await self._store.all())

    def has(self, reporter: int) -> bool:
        """Whether this reporter opted out."""
        return reporter in self._reporters

    def has_user(self, user_id: int) -> bool:
        """Whether this person opted out."""
        return self.has(self._key.reporter(user_id))

    async def set(self, user_id: int, out: bool) -> None:  # noqa: FBT001 - reads well at every call
        """Opt a person out, or in again. Raises StoreError."""
        reporter = self._key.reporter(user_id)
        if out:
            await self._store.add(reporter, int(self._clock()))
            self._reporters.add(reporter)
        else:
            await self._store.remove(reporter)
            self._reporters.discard(reporter)
