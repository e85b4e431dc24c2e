"""Who reads a text: which scorer, and as which languages, by what the operator has chosen for the key."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from app.models import ApiKey
from app.models.api_key import AS_ENGLISH, SECOND
from app.perspective import errors
from app.toxicity import loading
from app.toxicity.guard import Guarded
from app.toxicity.languages import found as detect
from app.toxicity.scorer import Scorer, Unavailable

ENGLISH = "en"


@dataclass(frozen=True)
class Scorers:
    """Those of an installation. The second is loaded when it is first needed; None where there is none."""

    first: Guarded
    load_second: Callable[[], Scorer] | None


@dataclass(frozen=True)
class Reading:
    """The scorer of a text, and the languages as which it reads it; `detected` are those that the text seems to be in.

    `unread` are those that were named and that nobody reads: the text is not to be scored.
    """

    scorer: Guarded
    languages: Sequence[str]
    detected: Sequence[str] = ()
    unread: Sequence[str] = ()
    by_second: bool = False


def reading_of(key: ApiKey, scorers: Scorers, named: Sequence[str], text: str) -> Reading:
    """How `text` is read for `key`. Raises ApiError (503) where the second scorer is to read it and is not there.

    Its languages are those that the request names. Where it names none, it is read as English, unless it surely is in
    what the second scorer reads: the detector takes one in six hundred English comments for something else, mostly
    short insults, and must not be the ground of a refusal.
    """
    first = scorers.first.for_programs.of(key.id)
    reads = scorers.first.languages or {ENGLISH}  # one that is missing reads nothing, and says so itself
    if not named:
        return _read_unnamed(key, scorers, Reading(first, [ENGLISH], detect(text, reads)))
    unread = _without(named, reads)
    if unread and key.unread_languages == SECOND and scorers.load_second is not None:
        second = loading.soon(scorers.load_second)
        if isinstance(second, Unavailable):
            raise errors.unavailable()
        unread = _without(unread, second.languages)
        if not unread:
            return Reading(second.of(key.id), named, by_second=True)
    if unread and key.unread_languages == AS_ENGLISH:
        return Reading(first, [each for each in named if each not in unread] or [ENGLISH])
    return Reading(first, named, unread=unread)


def _read_unnamed(key: ApiKey, scorers: Scorers, as_english: Reading) -> Reading:
    detected = as_english.detected
    foreign = detected and not set(detected) & scorers.first.languages
    if not foreign or key.unread_languages != SECOND or scorers.load_second is None:
        return as_english
    second = loading.soon(scorers.load_second)
    if isinstance(second, Unavailable) or _without(detected, second.languages):
        return as_english
    return Reading(second.of(key.id), detected, detected, by_second=True)


def _without(named: Sequence[str], known: Collection[str]) -> list[str]:
    """Those of the languages `named` (ISO or BCP-47 codes) that are not among `known`."""
    return [each for each in named if each.replace("_", "-").partition("-")[0].lower() not in known]
