"""A project's page on a package index, in both forms that exist: PEP 691 JSON and PEP 503 HTML."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from shipit.errors import Unavailable

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_HEX = re.compile(r"[0-9a-fA-F]+")
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
    """Read the page that stands at an address; raises Unavailable if it is no such page.

    What is wrong in one place makes all of it unreadable: a file that was left out would count as missing.
    """
    try:
        _require_text(text)
        return _read_json(text, address) if "json" in content_type else _read_html(text, address)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        why = ": ".join(filter(None, (address, type(error).__name__, str(error)[:200])))
        what = "the package index sent a page that cannot be read"
        raise Unavailable(what, where=address or None, evidence=[why, _beginning(text)], hint=_HINT) from None


_HINT = "open that address yourself: it may not be what it should be"


def _require_text(text: str) -> None:
    """Raise ValueError for what was read in the wrong encoding: its links would be seen by nobody."""
    if "\0" in text:
        raise ValueError("it is no text")


def _beginning(text: str) -> str:
    """The first words of a page, as far as they can be shown."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:200])


def _read_json(text: str, address: str) -> Page:
    page = json.loads(text)
    status = page.get("project-status") or {}
    return Page(
        files=[_json_file(file, address) for file in page["files"]],
        status=_whole(status.get("status") or "active"),
        reason=_whole(status.get("reason") or ""),
    )


def _whole(value: object) -> str:
    """A text that can be written; raises ValueError for halves of characters, which JSON can spell."""
    text = str(value)
    text.encode()
    return text


def _json_file(file: Mapping[str, Any], address: str) -> File:
    name, digest = file["filename"], file.get("hashes", {}).get("sha256")
    if not (isinstance(name, str) and isinstance(file.get("url", ""), str)):
        raise TypeError(f"{name!r:.50} is no name of a file, or has no address")
    url = _checked(urljoin(address, _whole(file.get("url", ""))))
    is_yanked = file.get("yanked", False) is not False  # a reason, also an empty one, stands for true
    return File(name=_whole(name), url=url, sha256=_digest(digest), yanked=is_yanked)


def _checked(url: str) -> str:
    """An address whose parts can be read; raises ValueError for any other."""
    parts = urlsplit(url)
    _ = parts.hostname, parts.port
    return url


def _digest(given: object) -> str | None:
    """A sha256 as it is compared; what is none proves nothing, so that the file itself is hashed."""
    return given.lower() if isinstance(given, str) and _HEX.fullmatch(given) else None


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
    url = _checked(parts._replace(fragment="").geturl())
    return File(name=name, url=url, sha256=_digest(digest), yanked=yanked)
