"""The secret that webhooks are signed with, as Standard Webhooks writes it: `whsec_` and the Base64 of the key."""

from base64 import b64decode
from binascii import Error as Base64Error

_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64
"""Bytes that the specification allows."""


def key_of(secret: str) -> bytes:
    """The key behind a secret. Raises ValueError, which says what is expected."""
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    except Base64Error:
        key = b""
    if not secret.startswith(_PREFIX) or not _SHORTEST <= len(key) <= _LONGEST:
        raise ValueError(f"should be whsec_ and the Base64 of {_SHORTEST} to {_LONGEST} random bytes")
    return key
