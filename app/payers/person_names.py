"""Does a display name name the person who pays? A pure comparison of two names of people, as people write them.

Tolerant of case, accents, titles, order, initials, middle names, hyphens and particles; strict about the family name,
which must be there in full. It has no list of nicknames and never reads one script as another. In doubt it says no:
then the reader changes the name, or a moderator makes an exception.

Known to be refused: the first of two family names without the second ("Gabriel García" for "Gabriel García Márquez"),
which nothing tells from two given names; an initial where the bill has the family name first and no comma.
"""

import re
import unicodedata
from dataclasses import dataclass


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


TITLES = _words(
    "mr mrs ms miss mx master dr doctor prof professor sir dame lord lady rev revd reverend fr father sister herr "
    "frau dipl ing monsieur madame mme mlle senor senora sr sra srta signor signora sig dott mevr"
)
SUFFIXES = _words("jr junior sr ii iii iv esq esquire phd dphil md mba msc bsc obe mbe cbe frs")
PARTICLES = _words(
    "van von vom zu zum zur der den ter ten de del della di da do das dos du des la le los las el al bin ibn bint "
    "ben af av"
)
# a bill made out to a business names no person
BUSINESS = _words(
    "ltd limited llc llp plc inc incorporated corp corporation company gmbh ggmbh mbh ohg kg bv nv sarl srl aps "
    "oy pty holding holdings partners partnership associates sons bros foundation services consulting university"
)
# letters that have no accent to take off, and those that a card may write in two, all or only the last
_BARE = {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
_LONG = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"}
# these stand within a word, all other punctuation between two: O'Brien, D’Angelo, Gal·la
_WITHIN = re.compile(r"['’‘ʼ`´·\u00ad]")
# hyphens and dashes join the parts of one name
_DASH = re.compile(r"[\u2010-\u2015\u2212]")
MOST_NEW_WORDS = 1


@dataclass(frozen=True, eq=False)
class Word:
    """A word of a name: the ways to spell it without accents, and its hyphenated `group`, counted from the left."""

    spellings: frozenset[str]
    group: int
    family: bool

    @property
    def is_initial(self) -> bool:
        """Whether it is one letter of a script that has capitals; in the others, one letter is a word."""
        return any(map(_is_initial, self.spellings))

    def same(self, other: "Word") -> bool:
        """Whether both are one word."""
        return not self.spellings.isdisjoint(other.spellings)

    def abbreviates(self, other: "Word") -> bool:
        """Whether one is the initial of the other."""
        if self.is_initial == other.is_initial:
            return False
        short, long = (self, other) if self.is_initial else (other, self)
        return min(short.spellings, key=len) in {spelling[0] for spelling in long.spellings}


def agrees(display: str, billing: str) -> bool:
    """Whether `display` names the person whom `billing` names: the family name, and a given name or its initial.

    Middle names may be missing on either side, but not contradict each other. One word meets a bill on one word only.
    """
    shown, billed = _read(display), _read(billing)
    if not shown or not billed or _is_business(shown) or _is_business(billed):
        return False
    shown, billed = _joined(shown, billed), _joined(billed, shown)
    if len(shown) == 1 or len(billed) == 1:
        return len(shown) == len(billed) and shown[0].same(billed[0])
    pairs = _pairs(shown, billed)
    if not any(first.same(second) for first, second in pairs if second.family):
        return False
    return len(pairs) == len(shown) or (len(pairs) == len(billed) and _adds_little(shown, [word for word, _ in pairs]))


def _pairs(shown: list[Word], billed: list[Word]) -> list[tuple[Word, Word]]:
    """Which word stands for which: first what is equal, then initials, which are all alike."""
    pairs: list[tuple[Word, Word]] = []
    shown, billed = list(shown), list(billed)
    for stands_for in (Word.same, Word.abbreviates):
        for word in list(shown):
            other = next((candidate for candidate in billed if stands_for(word, candidate)), None)
            if other is not None:
                shown.remove(word)
                billed.remove(other)
                pairs.append((word, other))
    return pairs


def _adds_little(shown: list[Word], billed: list[Word]) -> bool:
    """Whether a display name is still that of the person if only its words `billed` are on the bill.

    A middle name, or half of a double name; no word before or after, which would say something about the person.
    """
    new = [word for word in shown if word not in billed]
    if sum(not word.is_initial for word in new) > MOST_NEW_WORDS:
        return False
    doubled = {word.group for word in billed}
    return all(word in shown[1:-1] or word.group in doubled for word in new)


def _joined(words: list[Word], others: list[Word]) -> list[Word]:
    """`words`, with neighbours made one where the other name writes them as one: Mac Donald, Anne-Marie, J P."""
    known = {spelling for word in others for spelling in word.spellings}
    joined: list[Word] = []
    for word in words:
        if joined:
            last = joined[-1]
            together = known & {left + right for left in last.spellings for right in word.spellings}
            if together:
                joined[-1] = Word(frozenset(together), last.group, last.family or word.family)
                continue
        joined.append(word)
    return joined


def _read(name: str) -> list[Word]:
    """The words of a name, given names first, without titles and particles."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", _WITHIN.sub("", name)).casefold())
    sections = [_untitled(_tokens(section), first=not at) for at, section in enumerate(folded.split(","))]
    family, *given = [section for section in sections if section] or [[]]
    tokens = [token for section in given for token in section] + family
    parts = [(part, group) for group, token in enumerate(tokens) for part in token.split("-")]
    telling = [(part, group) for part, group in parts if part not in PARTICLES]
    kept = telling if len(telling) > 1 else parts
    if given:
        families = set(range(len(tokens) - len(family), len(tokens)))
    else:
        families = {group for part, group in [*kept[-1:], *(pair for pair in kept if not _is_initial(pair[0]))][-1:]}
    return [Word(_spellings(part), group, group in families) for part, group in kept]


def _tokens(section: str) -> list[str]:
    dashed = _DASH.sub("-", section)
    letters = "".join(c if c == "-" or unicodedata.category(c)[0] in "LMN" else " " for c in dashed)
    return [token for token in (re.sub("-+", "-", token).strip("-") for token in letters.split()) if token]


def _untitled(tokens: list[str], *, first: bool) -> list[str]:
    """Without what stands before and after a name, where a name is left; what follows a comma may be no name at all."""
    if not first and set(tokens) <= TITLES | SUFFIXES:
        return []
    while len(tokens) > 1 and tokens[0] in TITLES:
        tokens = tokens[1:]
    while len(tokens) > 2 and tokens[-1] in SUFFIXES:
        tokens = tokens[:-1]
    return tokens


def _spellings(word: str) -> frozenset[str]:
    long = "".join(_LONG.get(letter, letter) for letter in word)
    return frozenset("".join(map(_bare, spelling)) for spelling in (word, long, word.replace("å", "aa")))


def _bare(letter: str) -> str:
    """A Latin letter without its accents; any other as it is, since a mark may make it another letter."""
    base = unicodedata.normalize("NFD", letter)[0]
    return _BARE.get(base, base) if unicodedata.name(base, "").startswith("LATIN") else letter


def _is_initial(word: str) -> bool:
    return len(word) == 1 and word.upper() != word.lower()


def _is_business(words: list[Word]) -> bool:
    return any(word.spellings & BUSINESS for word in words)
