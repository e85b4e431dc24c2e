"""Says in plain letters what a disguise hides: 1d10t, i d i o t, i.d.i.o.t, іdіоt, idiooooot, id*ot, idoit.

Years, prices, ordinals, acronyms, and the words of Scots and Gaelic stay as they are. Where a form could be innocent
(f***, 3rd, U.S.A.) the lexicon decides. Each step is one pass of a pattern that never goes back over what it has
read, and what would grow is kept small (app.toxicity.growth), so the time grows with the text and no faster.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

import disarm

from app.toxicity import growth
from app.toxicity.lexicon import Lexicon, masks, read, swaps

FOLDER = Path(__file__).parent / "weights"
LEXICON = "lexicon.txt"

# A sign has two readings: 1 and ! are i in sh1t and l in s1ut.
_READINGS = tuple(str.maketrans("013457@$!", letters) for letters in ("oieastasi", "oleastasl"))
_SIGNED = re.compile(r"[A-Za-z][013457@$!]|[013457@$!][A-Za-z]")
_SIGNED_TOKEN = re.compile(r"(?<![\w@$!])[A-Za-z]*+[013457@$!][\w@$!]*+")
_INNER_SIGN = re.compile(r"[A-Za-z][013457@$!]+[A-Za-z]")
_STRETCHED_SIGN = re.compile(r"([013457@$!])\1{2,}")
_ROAD = re.compile(r"[A-Z]\d+")
_NOT_LEET = re.compile(r"[2689_]")
# A word with letters of its own language, as in Gaelic; where marks stand on their own it is none.
_ACCENTED = re.compile(r"(?<![\w\u0300-\u036f])[A-Za-z]*+[À-ɏḀ-ỿ][A-Za-zÀ-ɏḀ-ỿ]*+(?![\w\u0300-\u036f])")
_LETTER = r"(?:[^\W_]|[@$!])(?![^\W_])"
_SPELLED = re.compile(rf"(?<![^\W_])[^\W_]([ ._\-]){_LETTER}\1{_LETTER}(?:\1{_LETTER})*+")
_SEPARATORS = str.maketrans("", "", " ._-")
_STRETCHED = re.compile(r"([A-Za-z])\1\1")
_STRETCH = re.compile(r"([A-Za-z])\1{2,}")
_ROMAN = re.compile(r"[IVXLCM]+")
_WORD = re.compile(r"[A-Za-z]+")
_MASKED = re.compile(r"(?<![\w*])[A-Za-z]++[*#%][A-Za-z*#%]*+")
_MASKS = str.maketrans("#%", "**")


class Normaliser:
    """Call it with a text of any kind, lone surrogates included; it answers with the undisguised text, case
    kept.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        rarest_first = list(lexicon)[::-1]
        # The commonest word wins a form that several share, so it is written last.
        self._swapped = {form: word for word in rarest_first for form in swaps(word) - lexicon[word]}
        self._masked = {form: word for word in rarest_first for form in masks(word)}
        for word in lexicon:
            self._swapped.pop(word, None)

    def __call__(self, text: str) -> str:
        text = _SPELLED.sub(self._spelled, growth.bounded(text))
        text = self._plain_letters(unicodedata.normalize("NFC", text))
        if _SIGNED.search(text):
            text = _SIGNED_TOKEN.sub(self._signed, text)
        if _STRETCHED.search(text):
            text = _WORD.sub(self._stretched, text)
        if "*" in text or "#" in text or "%" in text:
            text = _MASKED.sub(self._mask, text)
        if not self._swapped.keys().isdisjoint(_WORD.findall(text.lower())):
            text = _WORD.sub(self._swap, text)
        return text

    def _rude_reading(self, token: str) -> str | None:
        readings = (token.translate(reading) for reading in _READINGS)
        return next((reading for reading in readings if reading.lower() in self._lexicon), None)

    def _plain_letters(self, text: str) -> str:
        """No homoglyphs, zero-width and full-width letters, or marks on them; but bhùth and Èideann stay."""
        pieces, end = list[str](), 0
        for match in _ACCENTED.finditer(text):
            if self._is_natural(match[0]):
                pieces += [_stripped(text[end : match.start()]), match[0]]
                end = match.end()
        return "".join([*pieces, _stripped(text[end:])])

    def _is_natural(self, word: str) -> bool:
        """Whether few of its letters are accented, and it is no rude word without the accents."""
        accented = sum(not letter.isascii() for letter in word)
        return accented <= max(1, len(word) // 2) and disarm.strip_obfuscation(word).lower() not in self._lexicon

    def _spelled(self, match: re.Match[str]) -> str:
        """i d i o t, but not U.S.A., 1 2 3 or the initials of J R R Tolkien."""
        joined = match[0].translate(_SEPARATORS)
        if self._rude_reading(joined):
            return joined
        if match[1] == " " and self._rude_reading(joined[1:]):
            return f"{joined[0]} {joined[1:]}"
        initials = joined.isupper() and (match[1] == "." or len(joined) <= 4)
        return match[0] if initials or _letters(joined) * 2 <= len(joined) else joined

    def _signed(self, match: re.Match[str]) -> str:
        """sh1t and $tup1d, but not 3rd, $50, A55, MP3, @name, covid19 or a mail address."""
        token = match[0].rstrip("!")
        ending = match[0][len(token) :]
        token = _STRETCHED_SIGN.sub(r"\1", token)
        rude = None if _ROAD.fullmatch(token) or not _letters(token) else self._rude_reading(token)
        if rude:
            return rude + ending
        address = "@" in token and match.string[match.end() : match.end() + 1] == "."
        name = token.isupper() or token.startswith("@") or _NOT_LEET.search(token)
        if address or name or not _INNER_SIGN.search(token) or _letters(token) * 2 <= len(token):
            return match[0]
        return token.translate(_READINGS[0]) + ending

    def _stretched(self, match: re.Match[str]) -> str:
        """idiooot and shiiit, but not www or XIII."""
        word = match[0]
        if not _STRETCHED.search(word) or _ROMAN.fullmatch(word) or len(set(word.lower())) == 1:
            return word
        once, twice = _STRETCH.sub(r"\1", word), _STRETCH.sub(r"\1\1", word)
        rude_twice = twice.lower() in self._lexicon and once.lower() not in self._lexicon
        return twice if rude_twice else once

    def _mask(self, match: re.Match[str]) -> str:
        return self._masked.get(match[0].lower().translate(_MASKS), match[0])

    def _swap(self, match: re.Match[str]) -> str:
        return self._swapped.get(match[0].lower(), match[0])


def _stripped(piece: str) -> str:
    """Undisguised, with the space on either side that was there."""
    core = piece.strip()
    return piece.replace(core, disarm.strip_obfuscation(core), 1) if core else piece


def _letters(token: str) -> int:
    return sum(map(str.isalpha, token))


@cache
def shipped() -> Normaliser:
    """The normaliser with the lexicon of this release; OSError when the installation lacks it."""
    return Normaliser(read(FOLDER / LEXICON))
