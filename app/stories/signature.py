"""The paper's word on what a story is called, by way of a reader: signed with a secret that only the paper and we know.

A page of the paper has its own key, address and title signed when it is made, and hands the signature to whoever
comments from it. The secret is BTL_SSO_SECRET, with which the paper's site vouches for readers too; what is signed
there has no line break in it, so neither can be taken for the other.
"""

import hashlib
import hmac

# of the paper's word on a story, in this form
PURPOSE = "below-the-line story 1"


def sign(secret: str, site_key: str, story_key: str, url: str, title: str) -> str:
    """HMAC-SHA256 in hexadecimal digits, over the purpose and these four, a line each, in UTF-8."""
    lines = "\n".join((PURPOSE, site_key, story_key, url, title))
    return hmac.new(secret.encode(), lines.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def is_good(signature: str, secret: str, site_key: str, story_key: str, url: str, title: str) -> bool:
    """Whether the paper has signed this; never without a secret. A line break would let one field pass for two."""
    fields = (site_key, story_key, url, title)
    if not secret or any("\n" in part for part in fields):
        return False
    return hmac.compare_digest(signature.encode("utf-8", "surrogatepass"), sign(secret, *fields).encode())
