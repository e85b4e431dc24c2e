"""Training against identity bias: clean sentences that name an identity, with another one in its place, and cut short.

What calls somebody gay, Muslim or female in the training data is mostly abuse, so that a model learns the name as
the offence. Encyclopaedic sentences say the same names in peace; cut to a few words they also teach short texts.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

IDENTITIES = (
    *("African", "African American", "American", "Arab", "Asian", "Canadian", "Chinese", "European", "Hispanic"),
    *(
        "Indian",
        "Irish",
        "Japanese",
        "Latina",
        "Latino",
        "Mexican",
        "Middle Eastern",
        "Pakistani",
        "Polish",
        "Scottish",
    ),
    *("black", "brown", "white", "Gypsy", "Roma"),
    *("Buddhist", "Catholic", "Christian", "Hindu", "Jewish", "Muslim", "Protestant", "Sikh", "Taoist", "atheist"),
    *("bisexual", "gay", "heterosexual", "homosexual", "lesbian", "LGBT", "LGBTQ", "nonbinary", "queer", "straight"),
    *("trans", "transgender", "female", "male", "feminist", "woman", "man", "girl", "boy"),
    *("aged", "elderly", "middle aged", "millennial", "old", "older", "teenage", "young", "younger"),
    *("autistic", "blind", "deaf", "disabled", "paralyzed", "immigrant", "refugee"),
)
_NAMED = re.compile(rf"\b(?:{'|'.join(sorted(IDENTITIES, key=len, reverse=True))})\b", re.IGNORECASE)
# words kept on either side of the name in a text cut short
_WORDS_AROUND = 4
_PIECES_PER_TEXT = 3


def named(text: str) -> bool:
    """Whether the text names an identity."""
    return _NAMED.search(text) is not None


def abused(texts: Iterable[str]) -> dict[str, int]:
    """How many of the texts, all of them abuse, name each identity."""
    counts = Counter(name for text in texts for name in {each.lower() for each in _NAMED.findall(text)})
    return {name: counts[name.lower()] for name in IDENTITIES}


def variants(texts: Iterable[str], abuse: Mapping[str, int], seed: int = 0) -> Iterator[str]:
    """Of each text that names an identity: it with another name in that place, and pieces of a few words around that.

    The more often abuse names an identity, the more often it is put there.
    """
    random = np.random.default_rng(seed)
    odds = np.sqrt([1.0 + abuse[name] for name in IDENTITIES])
    for text in texts:
        found = list(_NAMED.finditer(text))
        if not found:
            continue
        place = found[random.integers(len(found))]
        before, after = text[: place.start()], text[place.end() :]
        names = random.choice(IDENTITIES, 1 + _PIECES_PER_TEXT, p=odds / odds.sum())
        yield f"{before}{names[0]}{after}"
        for name in names[1:]:
            left, right = random.integers(0, _WORDS_AROUND + 1, 2)
            words = [*before.split()[len(before.split()) - left :], name, *after.split()[:right]]
            if len(words) > 1:
                yield " ".join(words)
