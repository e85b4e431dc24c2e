"""What clients may say in the query beside their key: the parameters that all of Google's services take."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from app.perspective import errors, selection
from app.perspective.errors import Violation
from app.perspective.reading import LONGEST_SHOWN
from app.perspective.selection import Selection

# what each is for is in the discovery document
MEANT = {
    "key": "The API key, as `btl perspective key create` printed it.",
    "fields": "Which parts of the answer are wanted: all, unless it says so.",
    "prettyPrint": "Whether the answer is laid out for people. It is not, unless it says so.",
    "alt": "Always json.",
    "quotaUser": "Accepted and without effect.",
    "$.xgafv": "Accepted and without effect.",
    "access_token": "Accepted and without effect.",
    "callback": "Accepted and without effect.",
    "oauth_token": "Accepted and without effect.",
    "uploadType": "Accepted and without effect.",
    "upload_protocol": "Accepted and without effect.",
}
_KNOWN = {*MEANT, *(f"${name}" for name in MEANT)}


@dataclass(frozen=True)
class Parameters:
    """How an answer is to be given: which parts of it are wanted, and whether it is laid out for people."""

    wanted: Selection
    pretty: bool

    def shown(self, answer: object) -> msgspec.Raw:
        """The JSON of an answer, or of the parts of it that are wanted."""
        whole: Any = selection.part(msgspec.to_builtins(answer), self.wanted) if self.wanted else answer
        text = msgspec.json.encode(whole)
        return msgspec.Raw(msgspec.json.format(text, indent=2) if self.pretty else text)


def read(query: Mapping[str, str], gives: type[msgspec.Struct]) -> Parameters:
    """What `query` says of an answer of that shape. Raises ApiError (400)."""
    foreign = [_unbound(name[:LONGEST_SHOWN]) for name in query if name not in _KNOWN]
    if foreign:
        raise errors.malformed(foreign[:1])
    if _said(query, "alt") not in ("", "json"):
        raise errors.malformed([Violation("alt", "Invalid value at 'alt': only json is answered here.")])
    fields = _said(query, "fields")
    return Parameters(
        selection.read(fields, gives) if fields else {}, _said(query, "prettyPrint").lower() in ("true", "1")
    )


def _said(query: Mapping[str, str], name: str) -> str:
    return query.get(name) or query.get(f"${name}") or ""


def _unbound(name: str) -> Violation:
    return Violation(
        "",
        f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
        f"Field '{name}' could not be found in request message.",
    )
