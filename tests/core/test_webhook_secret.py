"""The secret of webhooks: secrets from other tools are read, anything else is rejected."""

import base64

import pytest

from bot.core.webhook_secret import key_of


def test_the_key_is_what_stands_behind_the_sign() -> None:
    assert key_of("whsec_" + base64.b64encode(b"k" * 24).decode()) == b"k" * 24


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "secret", "whsec_!!!", "whsec_" + base64.b64encode(b"short").decode()]
)
def test_what_is_no_secret_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="should be whsec_ and the Base64 of 24 to 64 random bytes"):
        key_of(secret)
