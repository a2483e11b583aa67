"""An index whose pages are said beforehand, on loopback: for what no real index can be brought to say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from tests.support.description import Asked
from tests.support.http_listener import Listener


@dataclass(frozen=True, slots=True)
class Said:
    """One answer; `members` says that it is given only to those who say who they are."""

    data: bytes = b""
    status: int = 200
    all_headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/html"})
    members: bool = False


@dataclass
class Pages:
    """Answers by path, 404 for every other; `asked` lists paths, with the word `known` where somebody said who."""

    pages: dict[str, Said] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._listener = Listener(self._answer)
        self._listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.stop()

    @property
    def root(self) -> str:
        return self._listener.root

    def _answer(self, asked: Asked) -> Said:
        known = "Authorization" in asked.headers
        self.asked.append(f"{asked.path} known" if known else asked.path)
        found = self.pages.get(asked.path, Said(status=404))
        return Said(status=401) if found.members and not known else found


def html(text: str, *, members: bool = False) -> Said:
    return Said(text.encode(), members=members)


def json(text: str) -> Said:
    return Said(text.encode(), all_headers={"Content-Type": "application/vnd.pypi.simple.v1+json"})
