"""The pages of a directory index: a page that is there gets one line more, and every other byte stays as it was."""

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


def read(page: Path) -> str:
    """The text of a page, empty if there is none; what is no UTF-8 goes back as it came."""
    return page.read_bytes().decode("utf-8", "surrogateescape") if page.is_file() else ""


def made(title: str, links: Sequence[tuple[str, str]]) -> str:
    """A new page with these links, each an address and a name: the same links give the same bytes."""
    anchors = "".join(map(_line, links))
    return (
        "<!DOCTYPE html>\n<html>\n  <head>\n"
        '    <meta name="pypi:repository-version" content="1.0">\n'
        f"    <title>{html.escape(title)}</title>\n  </head>\n"
        f"  <body>\n    <h1>{html.escape(title)}</h1>\n{anchors}  </body>\n</html>\n"
    )


def added(page: str, link: tuple[str, str]) -> str:
    """The page with this link, before the first line that begins with a link of a later name, else at the end.

    The page is returned as it is if a link leads to a file or folder of that name already.
    """
    seen, name = _read(page), link[1]
    if name in seen.names:
        return page
    later = [place for other, place in seen.anchors if name < other and _begins_its_line(page, place)]
    place = later[0] if later else seen.end
    start = page.rfind("\n", 0, place) + 1 if _begins_its_line(page, place) else place
    return page[:start] + _line(link) + page[start:]


def names(page: str) -> frozenset[str]:
    """The last part of every address that the page links to."""
    return _read(page).names


def _line(link: tuple[str, str]) -> str:
    to, name = map(html.escape, link)
    return f'    <a href="{to}">{name}</a><br>\n'


def _begins_its_line(page: str, place: int) -> bool:
    return not page[page.rfind("\n", 0, place) + 1 : place].strip()


def _read(page: str) -> "_Places":
    seen = _Places(page=page)
    seen.feed(page)
    return seen


@dataclass(kw_only=True)
class _Places(HTMLParser):
    """Collects where the anchors of a page begin, and where its body ends."""

    page: str
    anchors: list[tuple[str, int]] = field(default_factory=list)
    end: int = -1

    def __post_init__(self) -> None:
        super().__init__()
        self.end = len(self.page)
        self._lines = [0]
        for line in self.page.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.anchors)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("href") if tag == "a" else None
        if address:
            self.anchors.append((_last_part(address), self._place))

    def handle_endtag(self, tag: str) -> None:
        if tag == "body":
            self.end = self._place

    @property
    def _place(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column


def _last_part(address: str) -> str:
    return unquote(urlsplit(address).path.rstrip("/").rpartition("/")[2])
