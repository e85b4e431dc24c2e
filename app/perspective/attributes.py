"""Google's attributes that our scorer has, and what becomes of the others: an honest 400, or left out on request."""

from collections.abc import Iterable

from app.perspective import errors

LANGUAGES = frozenset({"en"})
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


def answered(requested: Iterable[str], languages: list[str], *, drop: bool) -> list[str]:
    """Those of `requested` that can be answered for a text in `languages` (none named: English).

    Raises ApiError (400) for an attribute that is not scored here or not in one of these languages, unless `drop`.
    """
    foreign = [language for language in languages if not supports(language)]
    kept = []
    for name in requested:
        if name in ATTRIBUTES and not foreign:
            kept.append(name)
        elif not drop:
            raise errors.unsupported_language(name, foreign) if name in ATTRIBUTES else unknown(name)
    return kept


def supports(language: str) -> bool:
    """Whether texts in that language (ISO or BCP-47 code) are scored."""
    return language.replace("_", "-").partition("-")[0].lower() in LANGUAGES


def unknown(name: str) -> errors.ApiError:
    """400 for an attribute that is not scored here, whether Google had it or not."""
    return errors.invalid(
        f"Unknown requested attribute: {name[:_LONGEST_NAME_CHARACTERS]}. This server scores: {', '.join(ATTRIBUTES)}"
    )
