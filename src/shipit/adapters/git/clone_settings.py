"""What a private clone takes over from the user's settings, and what it does not: pure values."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from shipit.adapters.git import credentials
from shipit.git_variables import OF_A_REPOSITORY

Setting = tuple[str, str]

FIXED: Mapping[str, str] = {
    "core.autocrlf": "false",
    "core.eol": "lf",
    "core.attributesFile": os.devnull,
    "core.fsmonitor": "false",
    "core.sparseCheckout": "false",
    "core.useReplaceRefs": "false",
    "submodule.recurse": "false",
    "push.default": "nothing",
    "gc.auto": "0",
}
"""The files are those of the commit, byte by byte, whatever the user's own settings are."""
NO_PUSH = "nowhere:a-private-clone-is-not-pushed-from"

_WAYS = re.compile(r"(url|http|credential|protocol|ssh)\.|core\.(sshcommand|askpass|gitproxy)$", re.IGNORECASE)
"""How a remote is reached: submodules and what a partial clone lacks come from there."""
_CONTENT = re.compile(r"(filter|lfs|submodule)\.|extensions\.objectformat$", re.IGNORECASE)
"""What belongs to the repository's own content."""
_PERSON = re.compile(r"(user|author|committer|safe)\.", re.IGNORECASE)


def parsed(listed: str) -> list[Setting]:
    """The output of `git config --list -z` as keys and values."""
    rows = (entry.partition("\n") for entry in listed.split("\0") if entry)
    return [(key, value if line else "true") for key, line, value in rows]


def written(settings: Iterable[Setting], top: Path, remote: str, place: Path) -> str:
    """The settings of the clone at `place` as text for its file; no password is in them.

    `settings` are those of the repository at `top`. Its remote is `origin` here, by which git finds submodules
    with relative addresses; nothing can be pushed there.
    """
    known = dict(settings)
    # a folder of its own that is empty: some tools refuse another place than one that could have hooks
    rows = [*FIXED.items(), ("core.hooksPath", str(place / ".git" / "hooks"))]
    rows += [row for row in settings if _is_content(*row)]
    rows += _remote("origin", known, remote, top)
    rows += _promisors(known, remote, top)
    return "".join(_line(key, value) for key, value in rows)


def ways(settings: Iterable[Setting], remote: str, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment by which git reaches the remote as the repository does: what may be secret stays in it."""
    found = [*_given(environment), *(one for one in settings if _WAYS.match(one[0]))]
    numbered = _numbered(found)
    url = dict(settings).get(f"remote.{remote}.url", "")
    return {**numbered, **credentials.apart_from_urls(url, environment=numbered)}


def without_repository(environment: Mapping[str, str] = os.environ) -> dict[str, str | None]:
    """What children in a private clone get instead: nothing in it leads to another repository, or changes files."""
    old = [name for name in environment if name.startswith("GIT_CONFIG_") and name not in _FILES]
    return {**dict.fromkeys((*OF_A_REPOSITORY, *old)), **_numbered(_given(environment))}


_FILES = {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"}


def _given(environment: Mapping[str, str]) -> Iterator[Setting]:
    """The settings in the environment that say who one is and how a remote is reached."""
    count = environment.get("GIT_CONFIG_COUNT", "")
    for number in range(int(count) if count.isdigit() else 0):
        key = environment.get(f"GIT_CONFIG_KEY_{number}", "")
        if _WAYS.match(key) or _PERSON.match(key):
            yield key, environment.get(f"GIT_CONFIG_VALUE_{number}", "")


def _numbered(settings: Iterable[Setting]) -> dict[str, str]:
    made: dict[str, str] = {}
    count = 0
    for count, (key, value) in enumerate(settings, 1):
        made |= {f"GIT_CONFIG_KEY_{count - 1}": key, f"GIT_CONFIG_VALUE_{count - 1}": value}
    return {**made, "GIT_CONFIG_COUNT": str(count)} if count else {}


def _is_content(key: str, value: str) -> bool:
    """Whether a setting is taken over; a relative address is one as seen from the user's remote."""
    is_relative = key.endswith(".url") and value.startswith(("./", "../"))
    return bool(_CONTENT.match(key)) and not key.startswith("extensions.") and not is_relative


def _remote(name: str, known: Mapping[str, str], remote: str, top: Path) -> Iterator[Setting]:
    url = known.get(f"remote.{remote}.url")
    if url:
        yield f"remote.{name}.url", _address(url, top)
        yield f"remote.{name}.pushurl", NO_PUSH


def _promisors(known: Mapping[str, str], remote: str, top: Path) -> Iterator[Setting]:
    """Where the objects come from that a partial clone lacks."""
    named = [key.split(".", 1)[1].rpartition(".")[0] for key in known if re.match(r"remote\..*\.promisor$", key)]
    for one in dict.fromkeys([*named, *filter(None, [known.get("extensions.partialclone")])]):
        name = "origin" if one == remote else f"promisor-{one}"
        if one != remote:
            yield from _remote(name, known, one, top)
        yield f"remote.{name}.promisor", "true"
        yield f"remote.{name}.partialclonefilter", known.get(f"remote.{one}.partialclonefilter", "blob:none")


def _address(url: str, top: Path) -> str:
    """The address without a password, and a path that is right from everywhere."""
    parts = urlsplit(url)
    if parts.scheme in {"http", "https"}:
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if parts.password else url
    is_path = not parts.scheme and ":" not in url.partition("/")[0]
    return os.path.normpath(top / url) if is_path else url


def _line(key: str, value: str) -> str:
    """A setting as git reads it from a file."""
    section, _, rest = key.partition(".")
    inner, _, name = rest.rpartition(".")
    inner = inner.replace("\\", "\\\\").replace('"', '\\"')
    value = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    head = f'{section} "{inner}"' if inner else section
    return f'[{head}]\n\t{name} = "{value}"\n'
