"""A project's page on a package index, in both forms that exist: PEP 691 JSON and PEP 503 HTML."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from shipit.errors import Unavailable

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_STATUS, _REASON = "pypi:project-status", "pypi:project-status-reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that a page names: its whole address, and its sha256 where the page gives one.

    A yanked one (PEP 592) is installed by nobody who does not ask for just this version.
    """

    name: str
    url: str
    sha256: str | None
    yanked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says: its files, and the status of the project (PEP 792) with a reason if there is one."""

    files: Sequence[File]
    status: str = "active"
    reason: str = ""

    @property
    def names(self) -> Sequence[str]:
        return [file.name for file in self.files]

    @property
    def offered(self) -> Sequence[str]:
        """The names of the files that are not yanked."""
        return [file.name for file in self.files if not file.yanked]


def read(content_type: str, text: str, address: str = "") -> Page:
    """Read the page that stands at an address; raises Unavailable if it is no such page."""
    return _read_json(text, address) if "json" in content_type else _read_html(text, address)


def _read_json(text: str, address: str) -> Page:
    try:
        page = json.loads(text)
        status = page.get("project-status") or {}
        return Page(
            files=[_json_file(file, address) for file in page["files"]],
            status=str(status.get("status") or "active"),
            reason=str(status.get("reason") or ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Unavailable("the package index sent a page that cannot be read", evidence=[text[:200]]) from None


def _json_file(file: Mapping[str, Any], address: str) -> File:
    digest = file.get("hashes", {}).get("sha256")
    url = urljoin(address, file.get("url", ""))
    is_yanked = file.get("yanked", False) is not False  # a reason, also an empty one, stands for true
    return File(name=file["filename"], url=url, sha256=digest and str(digest).lower(), yanked=is_yanked)


def _read_html(text: str, address: str) -> Page:
    reader = _Reader(address=address)
    reader.feed(text)
    said = reader.said
    return Page(files=reader.files, status=said.get(_STATUS) or "active", reason=said.get(_REASON) or "")


@dataclass(kw_only=True)
class _Reader(HTMLParser):
    """Collects what the anchors lead to and what the head says."""

    address: str
    files: list[File] = field(default_factory=list)
    said: dict[str, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        match tag:
            case "meta":
                self.said[given.get("name") or ""] = given.get("content")
            case "base":
                self.address = urljoin(self.address, given.get("href") or "")
            case "a" if given.get("href"):
                address = urljoin(self.address, given["href"] or "")
                self.files.append(_linked_file(address, yanked="data-yanked" in given))


def _linked_file(target: str, *, yanked: bool) -> File:
    parts = urlsplit(target)
    digest = parse_qs(parts.fragment).get("sha256", [None])[0]
    name = unquote(parts.path.rpartition("/")[2])
    url = parts._replace(fragment="").geturl()
    return File(name=name, url=url, sha256=digest and digest.lower(), yanked=yanked)
