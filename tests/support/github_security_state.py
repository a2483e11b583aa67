"""What the stand-in for GitHub remembers of code scanning and of comments."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

BOT = 41_898_282
"""The account of github-actions[bot]; tokens of people have others."""


@dataclass
class Sarif:
    """An upload; it is pending for so many looks, then failed if there are `errors`."""

    id: str
    asked: Mapping[str, Any]
    log: Mapping[str, Any]
    pending: int
    errors: list[str]
    looks: int = 0

    @property
    def tools(self) -> list[str]:
        return [run["tool"]["driver"]["name"] for run in self.log["runs"]]

    @property
    def categories(self) -> list[str]:
        return [run["automationDetails"]["id"] for run in self.log["runs"]]


@dataclass
class Note:
    """A comment on a pull request."""

    id: int
    issue: int
    body: str
    author: int
    is_bot: bool


@dataclass
class Security:
    """`refusals` come before anything else, one for each upload; `largest` is in characters of an upload."""

    uploads: list[Sarif] = field(default_factory=list)
    refusals: deque[tuple[int, str]] = field(default_factory=deque)
    largest: int = 10_000_000
    pending: int = 1
    errors: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    is_locked: bool = False
    made: int = 0
    """how many comments were ever made"""
