"""What a display name looks like, and whom it would pass for."""

import unicodedata

import disarm

from app.language import everywhere, mark

# under whose name an erased account's comments stand
ERASED = mark("Deleted account")

STAFF = ("moderator", "moderation", "editor", "redaktion", "redakteur", "redakteurin", "administrator", "admin")
# these are refused as a word of a name, but may be part of one: Stafford, Modesty
STAFF_WORDS = (
    *(*STAFF, "moderators", "mod", "mods", "editors", "admins", "staff", "newsroom", "official", "system"),
    *("offiziell", "verlag"),
)

# letters that pass for others, once confusables, case and accents are folded
_LOOKALIKES = str.maketrans({"i": "l", "1": "l", "|": "l", "0": "o"})
_PAIRS = (("rn", "m"), ("vv", "w"))
_ACCENTS = range(0x300, 0x370)
# shown as nothing or as a blank, though Unicode calls them marks and symbols
_BLANK = frozenset("\u034f\u17b4\u17b5\u2800") | {chr(c) for c in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))}


def skeleton(name: str) -> str:
    """Equal for names that a reader could take for one another, "" if there is nothing to see."""
    folded = disarm.skeleton_key(name, digit_policy="tr39")
    decomposed = unicodedata.normalize("NFKD", folded)
    letters = "".join(c for c in decomposed if unicodedata.category(c)[0] in "LNM" and ord(c) not in _ACCENTS)
    letters = letters.translate(_LOOKALIKES)
    for pair, letter in _PAIRS:
        letters = letters.replace(pair, letter)
    return unicodedata.normalize("NFC", letters)


def is_reserved(name: str, papers: tuple[str, ...]) -> bool:
    """Whether `name` would pass for one of the papers, its staff or an erased account."""
    looks, words = skeleton(name), {skeleton(word) for word in _words(name)}
    if words & {skeleton(word) for word in STAFF_WORDS}:
        return True
    if any(looks.startswith(skeleton(word)) or looks.endswith(skeleton(word)) for word in STAFF):
        return True
    return looks in map(skeleton, everywhere(ERASED)) or any(_passes_for(looks, words, paper) for paper in papers)


def is_hidden(character: str) -> bool:
    """Whether it is a control, bidi, zero-width, private or unassigned character, or a blank but for the space."""
    if character == " ":
        return False
    filler = unicodedata.name(character, "").endswith("FILLER")
    return unicodedata.category(character)[0] in "CZ" or character in _BLANK or filler


def _passes_for(looks: str, words: set[str], paper: str) -> bool:
    whole, bare = skeleton(paper), skeleton(paper.casefold().removeprefix("the "))
    # "The Sun" must not forbid Sunny, while "Harbour Gazette Online" is the Harbour Gazette to a reader
    return bare in looks if len(bare) > 5 else looks in (bare, whole) or bare in words


def _words(name: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in unicodedata.normalize("NFKC", name)).split()
