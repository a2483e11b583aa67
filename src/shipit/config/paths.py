"""One spelling for each path: `./a//b/` is `a/b`, so that git, the file system and shipit mean the same file."""

from typing import Any


def plain(path: str) -> str:
    """A path without `.`, double slashes and a slash at its end; `..` stays, since a link may stand before it."""
    parts = [part for part in path.split("/") if part not in {"", "."}]
    return "/" * path.startswith("/") + "/".join(parts) or "." * bool(path)


def plain_location(location: str) -> str:
    """`path:key`, or a path alone, with the path in its one spelling."""
    path, colon, key = location.rpartition(":")
    return f"{plain(path)}:{key}" if colon else plain(location)


def plain_mention(mention: str) -> str:
    """`path` or `path:PATTERN` with the path in its one spelling."""
    path, colon, pattern = mention.partition(":")
    return f"{plain(path)}{colon}{pattern}"


def plain_locations(locations: Any) -> list[str]:
    """The same for every text in a list; nothing where it is no list."""
    found = locations if isinstance(locations, list | tuple) else ()
    return [plain_location(one) for one in found if isinstance(one, str)]
