"""Where else readers sign in than with a password of ours: at the paper's own site."""

from urllib.parse import urlencode

from app.stories import sites
from app.web import forms
from app.web.services import services


def elsewhere(here: str) -> list[tuple[str, str]]:
    """Of each newspaper whose readers sign in there, its name and the address, to come back to `here`."""
    given = services()
    addresses = [(site.name, sites.rules_of(site, given.house).sso.log_in) for site in sites.known(given.database)]
    asked = urlencode({"next": forms.local(here)})
    return [(name, f"{address}{'&' if '?' in address else '?'}{asked}") for name, address in addresses if address]
