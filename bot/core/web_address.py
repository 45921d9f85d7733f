"""Web addresses as settings give them."""

from urllib.parse import urlsplit


def web_host(url: str) -> str | None:
    """The host of a web address; None if our client would refuse the address."""
    try:
        parts = urlsplit(url)
        unusable = parts.scheme not in {"http", "https"} or parts.username or parts.port == 0
    except ValueError:
        return None
    return None if unusable or any(map(str.isspace, url)) else parts.hostname
