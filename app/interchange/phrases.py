"""Words of a line with what stands out among them, made into what a reader would have typed here to say the same.

Not everything can be said: emphasis within a word, code that begins with a backtick, a link to what is no address here.
Then the words are said without it, and where a link led to behind them. What was made of a line is read again before it
is believed, so that no word is lost and no mark is left over.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple
from urllib.parse import quote

from app.text import links, markup

EMPHASIS, CODE = frozenset({"*", "**", "~~"}), "`"
_SPECIAL = re.compile(r"[*_`~\[\]]")
# behind ¯ a backslash is an arm
_ESCAPABLE = re.compile(rf"(?<!¯){_SPECIAL.pattern}")
_BACKTICKS = re.compile("`+")
_FENCE = re.compile(r"\s*```")
# behind these a mark does not open, and before those none closes
_CLOSING, _OPENING = frozenset(")]},.;:!?\\"), frozenset("([{")
_FOREIGN = re.compile(r"[^\w!#$%&'*+,./:;=?@~-]")
_WEB = re.compile(r"https?://|www\.", re.IGNORECASE)
_LEFT_OUT = re.compile(r"…|\.{3}")
# programs, which no reader could follow
_NOWHERE = re.compile(r"javascript:|data:", re.IGNORECASE)


class Address(str):
    """Where a link leads."""


class Run(NamedTuple):
    """Words of a line, and what is around them, the outermost first: marks and links."""

    text: str
    around: tuple[str, ...] = ()


def typed(runs: Sequence[Run]) -> str:
    """The line that reads here as `runs` do, with as much of what is around them as can be said."""
    linked, bare = (_flowing(_resolved(runs, linked=each)) for each in (True, False))
    for told in (linked, list(map(_unmarked, linked)), list(map(_unmarked, bare))):
        words = "".join(run.text for run in told)
        for always in (False, True):
            line = _written(_Sayable(words).of(told), always=always)
            if _reads(line, words):
                return line
    return line


def _reads(line: str, words: str) -> bool:
    """Whether `line` reads as `words` wherever in a paragraph it stands."""
    if line == words and not _SPECIAL.search(words):
        return True
    return not _FENCE.match(line) and markup.plain(f"so {line}").split() == ["so", *words.split()]


def _flowing(runs: Iterable[Run]) -> list[Run]:
    """`runs` with one space between words and none around them, and neighbours of one kind in one."""
    flowing: list[Run] = []
    for each, around in runs:
        text = re.sub(r"\s+", " ", each)
        if not flowing or flowing[-1].text.endswith(" "):
            text = text.removeprefix(" ")
        if flowing and flowing[-1].around == around:
            flowing[-1] = Run(flowing[-1].text + text, around)
        elif text:
            flowing.append(Run(text, around))
    return [*flowing[:-1], *(Run(text.rstrip(), around) for text, around in flowing[-1:])]


# links


def _resolved(runs: Sequence[Run], *, linked: bool) -> Iterator[Run]:
    """`runs` with links to what is an address here, if `linked`; any other address stands behind the words."""
    for address, group in groupby(runs, _address):
        told = list(group)
        text = "".join(run.text for run in told)
        words = text.strip()
        whole = address and _whole(address)
        if address is None:
            yield from told
        elif linked and whole and words and not _WEB.search(words):
            yield from (_with(run, address, whole) for run in told)
        elif _is_shortened(words, whole or address):
            yield Run(text.replace(words, whole or address))
        else:
            yield from (_with(run, address) for run in told)
            if words not in ("", address) and not _NOWHERE.match(address):
                yield Run(f" ({whole or address})")


def _address(run: Run) -> Address | None:
    return next((each for each in run.around if isinstance(each, Address)), None)


def _with(run: Run, address: Address, *instead: Address) -> Run:
    """`run` with `instead` around it in the place of `address`."""
    at = run.around.index(address)
    return Run(run.text, (*run.around[:at], *instead, *run.around[at + 1 :]))


def _unmarked(run: Run) -> Run:
    return Run(run.text, tuple(each for each in run.around if isinstance(each, Address)))


def _is_shortened(words: str, address: str) -> bool:
    """Whether `words` are the address as many systems show it."""
    shown, *more = _LEFT_OUT.split(_WEB.sub("", words).rstrip("/").casefold())
    whole = _WEB.sub("", address).casefold()
    return bool(_WEB.match(words)) and whole.startswith(shown) and all(each in whole for each in more)


def _whole(address: Address) -> Address | None:
    """`address` so that all of it is a link in a text, where one ends before what no address has; or None."""
    given = re.sub(r"[\t\n\r]", "", address.strip())
    given = f"https:{given}" if given.startswith("//") else given
    if not _WEB.match(given):
        return None
    encoded = _FOREIGN.sub(lambda one: quote(one[0]), given)
    for spelt in (given, encoded, encoded.rstrip("?"), f"{encoded[:-1]}%{ord(encoded[-1]):02X}"):
        if any(found.typed == spelt for found in links.find(f"({spelt})")):
            return Address(spelt)
    return None


# marks


class _Sayable:
    """Finds out what around the runs of a line can be said where it stands; `words` are those of the line."""

    def __init__(self, words: str) -> None:
        self._words = words
        # where marks of stars begin and end that have been taken; beside another star each would be another mark
        self._stars: dict[int, tuple[int, int]] = {}

    def of(self, runs: Iterable[Run], depth: int = 0, at: int = 0) -> list[Run]:
        """`runs`, which begin at the place `at` in the line, without what around them, from `depth` on, cannot be."""
        said: list[Run] = []
        for mark, group in groupby(runs, lambda run: run.around[depth : depth + 1]):
            part = list(group)
            end = at + sum(len(run.text) for run in part)
            if not mark:
                said += part
            elif self._can_be(mark[0], at, end):
                said += self.of(part, depth + 1, at)
            else:
                bare = [Run(text, (*around[:depth], *around[depth + 1 :])) for text, around in part]
                said += self.of(bare, depth, at)
            at = end
        return said

    def _can_be(self, mark: str, begin: int, end: int) -> bool:
        inside = self._words[begin:end].strip()
        begin = self._words.find(inside, begin)
        end = begin + len(inside)
        before, behind = self._words[begin - 1 : begin], self._words[end : end + 1]
        if not inside or isinstance(mark, Address):
            return bool(inside)
        if before.isalnum() or before in _CLOSING or behind.isalnum() or behind in _OPENING:
            return False
        if mark == CODE:
            return "`" not in (inside[0], inside[-1])
        if "*" in mark:
            place = begin, end
            if any(self._stars.get(each, place) != place for each in place):
                return False
            self._stars |= dict.fromkeys(place, place)
        return True


def _written(runs: Iterable[Run], depth: int = 0, *, always: bool) -> str:
    """`runs` with what is around them from `depth` on; `always` with backslashes before all that could be marks."""
    pieces = []
    for mark, group in groupby(runs, lambda run: run.around[depth : depth + 1]):
        part = list(group)
        text = "".join(run.text for run in part)
        if not mark:
            pieces.append(_escaped(text, always=always))
        elif mark[0] == CODE:
            fence = "`" * (max(map(len, _BACKTICKS.findall(text)), default=0) + 1)
            pieces += _around(text, fence, fence)
        else:
            signs = ("[", f"]({mark[0]})") if isinstance(mark[0], Address) else (mark[0], mark[0])
            pieces += _around(_written(part, depth + 1, always=always), *signs)
    return "".join(pieces)


def _around(text: str, opening: str, closing: str) -> tuple[str, ...]:
    """`text` between marks, which stand beside words and not beside the space around them."""
    inside = text.strip()
    before, _, behind = text.partition(inside)
    return before, opening, inside, closing, behind


def _escaped(words: str, *, always: bool) -> str:
    """`words` with backslashes where they would be taken for markup."""
    if not _SPECIAL.search(words) or (not always and _reads(words, words)):
        return words
    pieces, at = [], 0
    for address in links.find(words):
        pieces += [_ESCAPABLE.sub(r"\\\g<0>", words[at : address.begin]), address.typed]
        at = address.end
    return "".join(pieces) + _ESCAPABLE.sub(r"\\\g<0>", words[at:])
