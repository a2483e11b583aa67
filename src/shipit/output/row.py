"""One line per step, with columns that stay where they are from the first step to the last."""

from collections.abc import Iterable

from msgspec import Struct
from rich.cells import cell_len

from shipit.output.line import Line, columns, cut, fitted, stripped
from shipit.output.text import one_line

_TOOK = 8
"""Columns for `12 min 04 s` would push all others apart; nearly every step takes less than 100 seconds."""
_SHORTEST_REMARK = 12


class Row(Struct, frozen=True):
    """What stands in one line; `place` is `3/14`, `took` a duration or a word, `remark` the evidence."""

    mark: str
    style: str
    place: str
    name: str
    summary: str
    took: str = ""
    remark: str = ""


class Layout(Struct, frozen=True):
    """Column widths; `width` None is a pipe, where nothing is cut."""

    place: int
    name: int
    summary: int
    width: int | None

    @classmethod
    def of(cls, steps: Iterable[tuple[str, str]], width: int | None) -> "Layout":
        """Fit the steps of a run, and pre-flight before them."""
        known = [("pre-flight", ""), *steps]
        digits = len(str(len(known) - 1))
        name = min(max(len(name) for name, _ in known), 24)
        summary = max(len(one_line(summary)) for _, summary in known)
        if width is not None:
            rest = width - (2 + digits * 2 + 1 + 2 + name + 2 + 2 + _TOOK)
            summary = max(min(summary, rest), 10)
        return cls(digits * 2 + 1, name, summary, width)

    def line(self, row: Row) -> Line:
        """Lay a row out, cut where the terminal ends."""
        pieces = [
            (row.mark, row.style),
            (f" {row.place:>{self.place}}  ", "dim"),
            (f"{self._cell(row.name, self.name)}  ", "bold"),
            (self._cell(row.summary, self.summary), ""),
            (f"  {row.took:>{_TOOK}}", "dim"),
        ]
        if row.remark and self._has_room(columns(tuple(pieces))):
            pieces.append((f"  {one_line(row.remark)}", "dim"))
        line = stripped(pieces)
        return line if self.width is None else cut(line, self.width)

    def _has_room(self, taken: int) -> bool:
        return self.width is None or self.width - taken - 2 >= _SHORTEST_REMARK

    def _cell(self, text: str, width: int) -> str:
        shown = one_line(text)
        return fitted(shown, width) if self.width is not None or cell_len(shown) < width else shown
