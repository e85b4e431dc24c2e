"""Texts to sets of hashed features: words, pairs of words, pieces of three to five bytes, in numpy passes.

A feature's number is a polynomial hash of its bytes modulo 2**64, mixed and cut to BITS bits: the same on
every machine and in every process, unlike Python's hash().
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BITS = 18
BUCKETS = 1 << BITS
PIECE_BYTES = (3, 4, 5)

_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")
_NOT_WORD = re.compile(r"[\W_]+")
_P = 0x100000001B3
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SPACE, _END = 32, 10

U64 = NDArray[np.uint64]


def _powers(base: int, count: int) -> U64:
    steps = np.full(count, base % (1 << 64), np.uint64)
    steps[0] = 1
    return np.multiply.accumulate(steps)


_CHUNK_BYTES = 1 << 16
_POWER = _powers(_P, _CHUNK_BYTES)
_INVERSE = _powers(pow(_P, -1, 1 << 64), _CHUNK_BYTES)


def plain(text: str) -> str:
    """Lower case, words only, one space between: what every training source has left, whatever was done to it
    before.
    """
    return _NOT_WORD.sub(" ", _APOSTROPHE.sub("", text.lower())).strip()


def bags(texts: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Each plain text's set of features: all buckets one text after another, and how many each text has.

    A text of less than three letters has none. Texts beyond _CHUNK_BYTES are cut.
    """
    buckets, counts = list[NDArray[np.int32]](), list[NDArray[np.int64]]()
    group, size = list[bytes](), 0
    for text in texts:
        line = b" %b \n" % text.encode("utf-8", "replace")[: _CHUNK_BYTES - 4]
        if size + len(line) >= _CHUNK_BYTES:
            _append(group, buckets, counts)
            group, size = [], 0
        group.append(line)
        size += len(line)
    _append(group, buckets, counts)
    return np.concatenate(buckets), np.concatenate(counts)


def _append(group: list[bytes], buckets: list[NDArray[np.int32]], counts: list[NDArray[np.int64]]) -> None:
    keys = _keys(np.frombuffer(b"".join(group), np.uint8))
    keys.sort()
    if len(keys):
        keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))]
    buckets.append((keys & (BUCKETS - 1)).astype(np.int32))
    counts.append(np.bincount(keys >> BITS, minlength=len(group)))


def _keys(line: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(text number << BITS | bucket) of every feature occurrence, from the running polynomial sums of all
    bytes.
    """
    size = len(line)
    sums = np.zeros(size + 1, np.uint64)
    np.cumsum((line.astype(np.uint64) + np.uint64(1)) * _POWER[:size], out=sums[1:])
    ends = np.zeros(size + 1, np.int64)
    np.cumsum(line == _END, out=ends[1:])

    def hashed(start: NDArray[np.int64], stop: NDArray[np.int64], salt: int) -> NDArray[np.int64]:
        within = ends[start] == ends[stop]
        start, stop = start[within], stop[within]
        return ends[start] << BITS | _mix((sums[stop] - sums[start]) * _INVERSE[start], salt)

    letter = line > _SPACE
    change = np.flatnonzero(letter[1:] != letter[:-1]) + 1
    first, last = change[0::2], change[1::2]
    positions = np.arange(size)
    found = [hashed(first, last, 1), hashed(first[:-1], last[1:], 2)]
    found += [hashed(positions[: 1 - n], positions[n - 1 :] + 1, n) for n in PIECE_BYTES if size >= n]
    return np.concatenate(found)


def _mix(hashes: U64, salt: int) -> NDArray[np.int64]:
    mixed = (hashes + np.uint64(salt)) * _MIX
    mixed ^= mixed >> np.uint64(29)
    mixed *= _MIX
    return (mixed >> np.uint64(64 - BITS)).astype(np.int64)
