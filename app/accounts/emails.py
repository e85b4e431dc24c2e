"""E-mail addresses: what can be one, and which spellings reach one mailbox.

The canonical form is for matching only, never for log-in or letters: it guesses how providers read an address, and
a wrong guess may cost somebody a second account but must not send their letters elsewhere.
"""

import unicodedata

from email_validator import EmailNotValidError, validate_email

from app.accounts.digests import digest
from app.errors import Malformed
from app.language import mark
from config.settings import Settings

MOST_CHARACTERS = 254
GMAIL = frozenset({"gmail.com", "googlemail.com"})
PLUS = frozenset(
    {
        "outlook.com", "hotmail.com", "live.com", "msn.com",
        "fastmail.com", "fastmail.fm",
        "proton.me", "protonmail.com", "pm.me", "protonmail.ch",
        "icloud.com", "me.com", "mac.com",
    }
)  # fmt: skip
# what a provider calls by several names is one place
SAME = {
    "googlemail.com": "gmail.com",
    "protonmail.com": "proton.me", "pm.me": "proton.me", "protonmail.ch": "proton.me",
    "me.com": "icloud.com", "mac.com": "icloud.com",
}  # fmt: skip


def check(text: str) -> str:
    """`text` as an address to write to. Raises Malformed (422, "email_malformed"); asks no DNS."""
    try:
        if len(text) > MOST_CHARACTERS:
            raise EmailNotValidError
        return validate_email(text.strip(), check_deliverability=False).normalized
    except (EmailNotValidError, UnicodeError, ValueError) as error:
        raise Malformed("email_malformed", mark("This is not an e-mail address."), field="email") from error


def folded(email: str) -> str:
    """The form that a local log-in goes by: spelling as given, without regard to case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", email.strip()).casefold())


def canonical(email: str) -> str:
    """One form for all spellings of an address (as `check` gave it) that reach the same mailbox."""
    local, _, domain = unicodedata.normalize("NFKC", email).casefold().rpartition("@")
    domain = _ascii(domain)
    if domain in GMAIL:
        local = local.partition("+")[0].replace(".", "")
    elif domain in PLUS:
        local = local.partition("+")[0]
    elif _is_yahoo(domain):
        local = local.partition("-")[0]
    return f"{local}@{SAME.get(domain, domain)}"


def token(settings: Settings, email: str) -> str:
    """The keyed digest by which accounts and bans know a mailbox."""
    return digest(settings, "email", canonical(email))


def _ascii(domain: str) -> str:
    try:
        return validate_email(f"x@{domain}", check_deliverability=False).ascii_domain
    except EmailNotValidError:
        return domain


def _is_yahoo(domain: str) -> bool:
    return domain.startswith("yahoo.") or domain in ("ymail.com", "rocketmail.com", "aol.com")
