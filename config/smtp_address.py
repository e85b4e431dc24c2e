"""Where the mail server is, and by which name and password it lets us in."""

from urllib.parse import unquote, urlsplit

from config import origins


def is_good(text: str) -> bool:
    """Whether `text` is smtp:// or smtps://, a host with or without a port, and before it, perhaps, a name and a
    password in plain letters, which are all that the protocol takes.
    """
    try:
        parts = urlsplit(text)
        user, _, host = parts.netloc.rpartition("@")
        origins.parse(f"https://{host}")
    except ValueError:
        return False
    rest = parts.path.strip("/") or parts.query or parts.fragment
    return parts.scheme in ("smtp", "smtps") and unquote(user).isascii() and not rest
