"""A Discord on the loopback interface: REST v10 and Gateway v10, for driving a real bot process from outside."""

from .faults import Fault
from .model import Channel, Guild, Message, Perm, Role
from .people import Interaction, NotPossible, User
from .process import Bot, spawn_bot
from .world import Discord

__all__ = [
    "Bot",
    "Channel",
    "Discord",
    "Fault",
    "Guild",
    "Interaction",
    "Message",
    "NotPossible",
    "Perm",
    "Role",
    "User",
    "spawn_bot",
]
