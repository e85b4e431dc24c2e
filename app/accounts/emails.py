"""E-mail addresses: what can be one, and which spellings reach one mailbox.

The canonical form is for matching only, never for log-in or letters: it guesses how providers read an address, and
a wrong guess may cost somebody a second account but must not send their letters elsewhere. Bans go by more: `mailbox`
knows what providers say of all their domains, and `alike` what is only likely, which a person has to judge.
"""

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

from app.digests import digest
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
# providers with a domain in every country, by its first part
_IN_EVERY_COUNTRY = re.compile(
    r"(hotmail|live|outlook|msn|windowslive|yahoo|yandex|gmx)\.(?:[a-z]{2,3}|com?\.[a-z]{2})"
)
# those of them that take what follows a plus for a note
NOTE_AFTER_PLUS = frozenset({"hotmail", "live", "outlook", "msn", "windowslive", "yandex"})
# whoever has ann@fastmail.com has every address at ann.fastmail.com
_WITH_OWN_SUBDOMAIN = re.compile(r"(?:.+\.)?([^.]+)\.(fastmail\.(?:com|fm))")
# an address at Proton is the same with these and without them
_UNHEARD_BY_PROTON = str.maketrans("", "", "._-")
# domains of one provider where the same name before the @ need not be the same person
FAMILIES = {
    "hotmail": "microsoft", "live": "microsoft", "outlook": "microsoft", "msn": "microsoft", "windowslive": "microsoft",
    "ymail.com": "yahoo", "rocketmail.com": "yahoo", "fastmail.com": "fastmail", "fastmail.fm": "fastmail",
    "mail.ru": "mail.ru", "bk.ru": "mail.ru", "inbox.ru": "mail.ru", "list.ru": "mail.ru", "internet.ru": "mail.ru",
    "tuta.com": "tuta", "tuta.io": "tuta", "tutamail.com": "tuta", "tutanota.com": "tuta", "tutanota.de": "tuta",
    "aim.com": "aol", "aol.com": "aol", "zoho.com": "zoho", "zohomail.com": "zoho", "zohomail.eu": "zoho",
}  # fmt: skip


def check(text: str) -> str:
    """`text` as an address to write to. Raises Malformed (422, "email_malformed"); asks no DNS."""
    try:
        if len(text) > MOST_CHARACTERS:
            raise EmailNotValidError
        return validate_email(text.strip(), check_deliverability=False).normalized
    except (EmailNotValidError, UnicodeError, ValueError) as error:
        raise Malformed("email_malformed", mark("This is not an e-mail address."), field="email") from error


def reachable(text: str) -> str:
    """`check` for an address that our letters are to reach: few mail servers take other letters before the @."""
    email = check(text)
    if not is_plain(email):
        sentence = mark(
            "Our letters reach only addresses with plain letters (a to z) before the @. Please give another."
        )
        raise Malformed("email_malformed", sentence, field="email")
    return email


def is_plain(email: str) -> bool:
    """Whether an address has plain letters before the @, as every mail server takes them."""
    return email.rpartition("@")[0].isascii()


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


def mailbox(email: str) -> str:
    """One form for all addresses that surely reach the same mailbox. Coarser than `canonical`."""
    local, _, domain = canonical(email).rpartition("@")
    provider = _provider(domain)
    if provider in NOTE_AFTER_PLUS:
        local = local.partition("+")[0]
    if provider == "yandex":
        # one log-in at all of its domains, with a dot or a hyphen
        return f"{local.replace('-', '.')}@yandex"
    if domain == "proton.me":
        local = local.translate(_UNHEARD_BY_PROTON) or local
    elif own := _WITH_OWN_SUBDOMAIN.fullmatch(domain):
        return f"{own[1]}@{own[2]}"
    return f"{local}@{domain}"


def alike(email: str) -> str:
    """One form for all addresses that may be the same person's: notes left out, whatever the provider makes of them,
    and all domains of one provider taken together.
    """
    local, _, domain = mailbox(email).rpartition("@")
    provider = _provider(domain)
    return f"{local.partition('+')[0]}@{FAMILIES.get(provider, provider)}"


def token(settings: Settings, email: str) -> str:
    """The keyed digest by which accounts and bans know a mailbox."""
    return digest(settings, "email", canonical(email))


def _ascii(domain: str) -> str:
    try:
        return validate_email(f"x@{domain}", check_deliverability=False).ascii_domain
    except EmailNotValidError:
        return domain


def _provider(domain: str) -> str:
    """What a provider is called, whose domains differ by country; any other is its domain."""
    if domain in ("ya.ru", "narod.ru"):
        return "yandex"
    known = _IN_EVERY_COUNTRY.fullmatch(domain)
    return known[1] if known else domain


def _is_yahoo(domain: str) -> bool:
    return domain.startswith("yahoo.") or domain in ("ymail.com", "rocketmail.com", "aol.com")
