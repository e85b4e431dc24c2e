"""Google's attributes that our scorer has, and what becomes of the others: an honest 400, or left out on request."""

from collections.abc import Iterable, Sequence

from app.perspective import errors

_SCORED = {
    "TOXICITY": "toxicity",
    "SEVERE_TOXICITY": "severe_toxicity",
    "IDENTITY_ATTACK": "identity_attack",
    "INSULT": "insult",
    "PROFANITY": "obscene",
    "THREAT": "threat",
}
# Google's name -> ours; the experimental ones were what the others are, for more languages
ATTRIBUTES = _SCORED | {f"{name}_EXPERIMENTAL": ours for name, ours in _SCORED.items()} | {"OBSCENE": "obscene"}
_LONGEST_NAME_CHARACTERS = 64


def answered(requested: Iterable[str], unread: Sequence[str], *, drop: bool) -> list[str]:
    """Those of `requested` that can be answered for a text of whose languages some are `unread`.

    Raises ApiError (400) for an attribute that is not scored here, or for want of these languages, unless `drop`.
    """
    kept = []
    for name in requested:
        if name in ATTRIBUTES and not unread:
            kept.append(name)
        elif not drop:
            raise errors.unsupported_language(name, unread) if name in ATTRIBUTES else unknown(name)
    return kept


def unknown(name: str) -> errors.ApiError:
    """400 for an attribute that is not scored here, whether Google had it or not."""
    return errors.invalid(
        f"Unknown requested attribute: {name[:_LONGEST_NAME_CHARACTERS]}. This server scores: {', '.join(ATTRIBUTES)}"
    )
