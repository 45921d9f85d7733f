"""Web addresses that a client would accept, and their hosts."""

import pytest

from bot.core.web_address import web_host


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Example.org/in?key=1", "example.org"),
        ("http://[::1]:8080/", "::1"),
        ("example.org", None),
        ("ftp://example.org", None),
        ("https://user:password@example.org", None),
        ("https://example.org:0/", None),
        ("https://example.org:port/", None),
        ("https://exam ple.org", None),
        ("https://", None),
    ],
)
def test_the_host_of_an_address_that_can_be_asked(url: str, host: str | None) -> None:
    assert web_host(url) == host
