"""Display names: nobody passes for another reader, for the paper or for its staff."""

import unicodedata

import disarm

# letters that pass for others, once confusables, case and accents are folded
_LOOKALIKES = str.maketrans({"i": "l", "1": "l", "|": "l", "0": "o"})
_PAIRS = (("rn", "m"), ("vv", "w"))
_ACCENTS = range(0x300, 0x370)


def skeleton(name: str) -> str:
    """What `name` looks like: equal for names that a reader could take for one another; "" if nothing is left."""
    # 1 and 0 must be letters before the case is folded, and i only afterwards: so the table comes last
    folded = disarm.skeleton_key(name, digit_policy="tr39").translate(_LOOKALIKES)
    decomposed = unicodedata.normalize("NFKD", folded)
    letters = "".join(c for c in decomposed if unicodedata.category(c)[0] in "LNM" and ord(c) not in _ACCENTS)
    for pair, letter in _PAIRS:
        letters = letters.replace(pair, letter)
    return unicodedata.normalize("NFC", letters.translate(_LOOKALIKES))
