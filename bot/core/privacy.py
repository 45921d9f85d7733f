"""Reporters: a person as a keyed hash, so that the database alone does not show who reported."""

import secrets
from hashlib import blake2b

KEY_BYTES = 32


def new_key() -> bytes:
    """A new secret for `ReporterKey`; store it beside the database, never in it."""
    return secrets.token_bytes(KEY_BYTES)


class ReporterKey:
    """Turns Discord user ids into keyed hashes.

    64 bits of BLAKE2b keyed with an operator's secret: enough to count people (a collision among
    a million people has a probability of about 3 in 100 million), useless without the secret.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:  # noqa: PLR2004 - the shortest key that is still safe
            raise ValueError("a reporter key needs at least 16 bytes")
        self._key = key

    def reporter(self, user_id: int) -> int:
        """The reporter of a Discord user id, as a signed 64-bit number."""
        digest = blake2b(user_id.to_bytes(8, "big"), key=self._key, digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)

    def listed(self, user_id: int, guild_id: int | None = None) -> int:
        """The hash of a person in a server's list. It differs from `reporter`, so it does not show their reports.

        It differs in each server, so that exports do not show who is on several lists. Lists of older versions have the
        hash without a server.
        """
        person = user_id.to_bytes(8, "big") + (b"" if guild_id is None else guild_id.to_bytes(8, "big"))
        digest = blake2b(person, key=self._key, digest_size=8, person=b"listed").digest()
        return int.from_bytes(digest, "big")

    def in_lists(self, user_id: int, guild_id: int) -> frozenset[int]:
        """All hashes that may stand for a person in this server's list."""
        return frozenset((self.listed(user_id, guild_id), self.listed(user_id)))

    def voter(self, user_id: int) -> int:
        """The hash of a person who marked a reply as wrong, as a signed 64-bit number.

        It does not show their reports.
        """
        digest = blake2b(user_id.to_bytes(8, "big"), key=self._key, digest_size=8, person=b"voter").digest()
        return int.from_bytes(digest, "big", signed=True)

    def fingerprint(self) -> str:
        """16 hex digits that identify this key without revealing it."""
        return blake2b(key=self._key, digest_size=8, person=b"fingerprint").hexdigest()

    def __repr__(self) -> str:
        return "ReporterKey(***)"
