"""A project's page on a package index, in both forms that exist: PEP 691 JSON and PEP 503 HTML."""

import json
from collections.abc import Mapping
from html.parser import HTMLParser
from urllib.parse import parse_qs, unquote, urlsplit

from shipit.errors import Unavailable

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"


def files(content_type: str, text: str) -> Mapping[str, str | None]:
    """Map file name to sha256, None where the page has none; raises Unavailable if it is no such page."""
    if "json" not in content_type:
        reader = _Links()
        reader.feed(text)
        return reader.found
    try:
        listed = json.loads(text)["files"]
        return {file["filename"]: file.get("hashes", {}).get("sha256") for file in listed}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Unavailable("the package index sent a page that cannot be read", evidence=[text[:200]]) from None


class _Links(HTMLParser):
    """Collects what the anchors lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str | None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get("href")
        if tag != "a" or not target:
            return
        parts = urlsplit(target)
        digest = parse_qs(parts.fragment).get("sha256", [None])[0]
        self.found[unquote(parts.path.rpartition("/")[2])] = digest
