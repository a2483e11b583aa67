"""YAML as it is written: texts, lists and tables with their lines."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct

Value: TypeAlias = "str | tuple[Node, ...] | dict[str, Node]"
_EMPTY = frozenset(("", "~", "null", "Null", "NULL"))


class Node(Struct, frozen=True):
    """One value and the line that it begins on, counted from 1; numbers and truth values are texts as written."""

    line: int
    value: Value

    @property
    def text(self) -> str:
        """The text; empty for a list, a table and nothing at all."""
        return self.value if isinstance(self.value, str) and self.value not in _EMPTY else ""

    @property
    def table(self) -> Mapping[str, "Node"]:
        return self.value if isinstance(self.value, dict) else {}

    @property
    def texts(self) -> Sequence[str]:
        """The texts of a list; a text alone is a list of one."""
        if isinstance(self.value, tuple):
            return [one.text for one in self.value]
        return [self.text] if self.text else []

    def get(self, *keys: str) -> "Node":
        """What stands below these keys; an empty text where nothing does."""
        found = self
        for key in keys:
            found = found.table.get(key, Node(found.line, ""))
        return found

    def has(self, key: str) -> bool:
        return key in self.table

    def scalars(self) -> Iterator[str]:
        """Every text in it, at any depth, in no order; what several aliases name comes once."""
        seen: set[int] = set()
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node.value, str):
                yield node.text
            else:
                waiting.extend(node.value.values() if isinstance(node.value, dict) else node.value)


class Document(Struct, frozen=True, kw_only=True):
    """One file: its path in the repository, its content, and its lines as they are written."""

    path: str
    root: Node
    lines: Sequence[str]


class Finding(Struct, frozen=True, kw_only=True, order=True):
    """What is wrong where, why that matters, and the line that fixes it; line 0: in no one line."""

    path: str
    line: int
    rule: str
    why: str
    fix: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.rule}: {self.why}; write: {self.fix}"
