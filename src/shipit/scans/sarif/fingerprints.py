"""The fingerprints by which GitHub knows an alert again after lines moved, as its own action computes them.

github/codeql-action, `src/fingerprints.ts`: a polynomial in 37, modulo 2^64, over the hundred UTF-16 code units
from the start of a line, without blanks and tabs and with every line end as one; the end of the file counts as one
unit more. The same hash once more in a file has the next number behind it.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import accumulate, islice

_WINDOW = 100
_BASE = 37
_ALL = (1 << 64) - 1
_SHIFTED = pow(_BASE, _WINDOW, 1 << 64)
_END = 0xFFFF
_LINE_END = ord("\n")


def line_hashes(text: str) -> tuple[str, ...]:
    """The fingerprint of each line, such as `c129715d7a2bc9a3:1`; an empty text has one line."""
    units = _units(text)
    sums = list(accumulate((*units, *(0,) * _WINDOW), _add, initial=0))
    times: Counter[int] = Counter()
    found = []
    for start in _starts(units):
        value = (sums[start + _WINDOW] - sums[start] * _SHIFTED) & _ALL
        times[value] += 1
        found.append(f"{value:x}:{times[value]}")
    return tuple(found)


def _add(value: int, unit: int) -> int:
    return (value * _BASE + unit) & _ALL


def _units(text: str) -> tuple[int, ...]:
    """What counts of a text, as numbers; line ends go before blanks, which may stand between two of them."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace(" ", "").replace("\t", "")
    data = memoryview(plain.encode("utf-16-le", "surrogatepass"))
    return (*(low | high << 8 for low, high in zip(data[::2], data[1::2], strict=True)), _END)


def _starts(units: tuple[int, ...]) -> Iterator[int]:
    yield 0
    for place, unit in enumerate(islice(units, len(units) - 1), 1):
        if unit == _LINE_END:
            yield place
