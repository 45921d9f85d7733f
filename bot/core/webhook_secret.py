"""The secret that signs webhooks, in the format of Standard Webhooks: `whsec_` and the Base64 of the key."""

from base64 import b64decode
from binascii import Error as Base64Error

_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64
"""The number of bytes that the specification allows."""


def key_of(secret: str) -> bytes:
    """The key in a secret. Raises ValueError, which states the expected format."""
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    except Base64Error:
        key = b""
    if not secret.startswith(_PREFIX) or not _SHORTEST <= len(key) <= _LONGEST:
        raise ValueError(f"should be whsec_ and the Base64 of {_SHORTEST} to {_LONGEST} random bytes")
    return key
