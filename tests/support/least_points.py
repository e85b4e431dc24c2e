"""What strikes count at the least, found by trying every way to put them into episodes."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple


class Told(NamedTuple):
    """What was written, when its author was told, and what the strike for it counts."""

    written: datetime
    told: datetime
    points: int


def least_points(strikes: Sequence[Told]) -> int:
    """The least sum of the gravest of each episode. An episode was written before its author was told of any of it."""
    sums = [
        sum(max(each.points for each in own) for own in way) for way in _ways(list(strikes)) if all(map(_is_one, way))
    ]
    return min(sums)


def _is_one(strikes: list[Told]) -> bool:
    return max(each.written for each in strikes) <= min(each.told for each in strikes)


def _ways(strikes: list[Told]) -> Iterator[list[list[Told]]]:
    if not strikes:
        yield []
        return
    first, *rest = strikes
    for way in _ways(rest):
        yield [[first], *way]
        for place, own in enumerate(way):
            yield [*way[:place], [first, *own], *way[place + 1 :]]
