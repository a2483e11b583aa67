"""YAML with the line of every value; texts stay as written, so that `on` is no truth value."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

import yaml

from shipit.errors import Refused

Made = TypeVar("Made")
Make = Callable[[int, "str | tuple[Made, ...] | dict[str, Made]"], Made]
_LARGEST = 1 << 20
"""bytes; a workflow of GitHub's is far smaller"""


def read(content: bytes, name: str, make: Make[Made]) -> Made:
    """The one document of a file: `make` gets the line, counted from 1, and the text, the list or the table.

    What an alias names is made once, however often it is named. Raises Refused, with `name` and the line, for what
    is no YAML, is larger than 1 MiB, nests deeper than Python can follow, or holds itself.
    """
    if len(content) > _LARGEST:
        raise _refused(name, 1, "it is larger than 1 MiB")
    try:
        root = yaml.compose(content, Loader=yaml.SafeLoader)
        return _Maker(name, make).made(root) if root else make(1, "")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _refused(name, mark.line + 1 if mark else 1, str(error.problem)) from None
    except (yaml.YAMLError, ValueError) as error:
        raise _refused(name, 1, str(error).splitlines()[0]) from None
    except RecursionError:
        raise _refused(name, 1, "it nests too deep") from None


class _Maker(Generic[Made]):
    """Makes each node once."""

    def __init__(self, name: str, make: Callable[..., Made]) -> None:
        self.name = name
        self.make = make
        self.known: dict[Hashable, Made] = {}
        self.open: set[int] = set()

    def made(self, node: yaml.Node) -> Made:
        key, line = id(node), node.start_mark.line + 1
        if key in self.open:
            raise _refused(self.name, line, "it holds itself")
        if key not in self.known:
            self.open.add(key)
            self.known[key] = self.make(line, self._value(node))
            self.open.discard(key)
        return self.known[key]

    def _value(self, node: yaml.Node) -> object:
        if isinstance(node, yaml.MappingNode):
            return {self._key(key): self.made(value) for key, value in node.value}
        if isinstance(node, yaml.SequenceNode):
            return tuple(self.made(one) for one in node.value)
        return str(node.value)

    def _key(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise _refused(self.name, node.start_mark.line + 1, "a key is no text")
        return str(node.value)


def _refused(name: str, line: int, problem: str) -> Refused:
    return Refused("a workflow cannot be read", where=f"{name}:{line}", evidence=[problem], hint="fix the file")
