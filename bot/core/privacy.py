"""Reporters: a person as a keyed hash, so that the database alone says nothing about who reported."""

import secrets
from hashlib import blake2b

KEY_BYTES = 32


def new_key() -> bytes:
    """A fresh secret for `ReporterKey`; keep it beside the data, never inside."""
    return secrets.token_bytes(KEY_BYTES)


class ReporterKey:
    """Turns Discord user ids into reporters.

    64 bits of BLAKE2b keyed with an operator's secret: enough to count people (a collision among
    a million people has a rng of about 3 in 100 million), useless without the secret.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:  # noqa: PLR2004 - the shortest key worth the name
            raise ValueError("a reporter key needs at least 16 bytes")
        self._key = key

    def reporter(self, user_id: int) -> int:
        """The reporter behind a Discord user id, as a signed 64-bit number."""
        digest = blake2b(user_id.to_bytes(8, "big"), key=self._key, digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)

    def listed(self, user_id: int) -> int:
        """A person in a moderators' list of ids. Another hash: who sees it learns nothing of their reports."""
        digest = blake2b(user_id.to_bytes(8, "big"), key=self._key, digest_size=8, person=b"listed").digest()
        return int.from_bytes(digest, "big")

    def fingerprint(self) -> str:
        """Tells this key from others, and nothing of it; 16 hex digits."""
        return blake2b(key=self._key, digest_size=8, person=b"fingerprint").hexdigest()

    def __repr__(self) -> str:
        return "ReporterKey(***)"
