"""One line per step, with columns that stay where they are from the first step to the last."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.text import Text

from shipit.show.text import one_line

_TOOK = 8
"""Columns for `12 min 04 s` would push all others apart; nearly every step takes less than 100 seconds."""
_SHORTEST_REMARK = 12


@dataclass(frozen=True, slots=True)
class Row:
    """What stands in one line; `place` is `3/14`, `took` a duration or a word, `remark` the evidence."""

    mark: str
    style: str
    place: str
    name: str
    summary: str
    took: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
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

    def line(self, row: Row) -> Text:
        """Lay a row out, cut where the terminal ends."""
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(row.mark, row.style)
        line.append(f" {row.place:>{self.place}}  ", "dim")
        line.append_text(self._cell(row.name, self.name, "bold")).append("  ")
        line.append_text(self._cell(row.summary, self.summary, ""))
        line.append(f"  {row.took:>{_TOOK}}", "dim")
        if row.remark and self._has_room(line):
            line.append(f"  {one_line(row.remark)}", "dim")
        line.rstrip()
        if self.width is not None:
            line.truncate(self.width, overflow="ellipsis")
        return line

    def _has_room(self, line: Text) -> bool:
        return self.width is None or self.width - line.cell_len - 2 >= _SHORTEST_REMARK

    def _cell(self, text: str, width: int, style: str) -> Text:
        cell = Text(one_line(text), style)
        if self.width is not None or cell.cell_len < width:
            cell.truncate(width, overflow="ellipsis", pad=True)
        return cell
