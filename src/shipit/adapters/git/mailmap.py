"""People as the repository's .mailmap calls them: git itself applies it to authors, but not to co-authors."""

from collections.abc import Sequence
from pathlib import Path

from shipit.adapters.git import run
from shipit.model import Identity

_SEPARATORS = str.maketrans("<>", "  ")


def known_as(top: Path, people: Sequence[Identity]) -> Sequence[Identity]:
    """The same people in the same order, under the names and addresses that .mailmap gives them."""
    if not people:
        return ()
    rows = "".join(f"{_spelled(one.name)} <{_spelled(one.email)}>\n" for one in people)
    found = run.ask(top, "check-mailmap", "--stdin", data=rows.encode("utf-8", "surrogateescape")).text.splitlines()
    return tuple(map(_person, found)) if len(found) == len(people) else people


def _spelled(text: str) -> str:
    """On one line, without what ends an address."""
    return " ".join(text.translate(_SEPARATORS).split())


def _person(row: str) -> Identity:
    name, _, email = row.rpartition("<")
    return Identity(name.strip(), email.rstrip(">"))
