"""Container images that are built from the repository."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from shipit.config.pyproject import own_name
from shipit.project.init.model import Finding, Note, Seen, Setting

_LEFT_OUT = re.compile(
    r"(?:^|[/._-])(?:dev|devel|develop|test|tests|testing|ci|docs|examples?|devcontainer)(?:[/._-]|$)",
    re.IGNORECASE,
)
_COPIED = re.compile(r"^[ \t]*(?:COPY|ADD)[ \t]+(?!.*--from)(.+)$", re.MULTILINE | re.IGNORECASE)


def images(seen: Seen) -> Iterator[Finding]:
    """An image for each Dockerfile, but for those of development, tests and examples."""
    files = [path for path in seen.paths if _is_dockerfile(path)]
    wanted = [path for path in files if not _LEFT_OUT.search(path)]
    for name, path in _named(wanted, own_name(seen.documents) or seen.folder):
        context, why = _context(path, seen)
        value: Mapping[str, str] = {"file": path, **({"context": context} if context != "." else {})}
        yield Setting(key=f"images.{name}", value=value, reason=why)
    for path in set(files) - set(wanted):
        yield Note(f"{path} is left out: it looks like one of development or tests")


def _is_dockerfile(path: str) -> bool:
    name = posixpath.basename(path).lower()
    parts = name.split(".")
    return "dockerfile" in {parts[0], parts[-1]} or name == "containerfile"


def _named(paths: Sequence[str], project: str) -> Iterator[tuple[str, str]]:
    """A name for each: of its ending, else of its folder, else of the project."""
    taken: set[str] = set()
    for path in paths:
        folder, file = posixpath.split(path)
        ending = re.sub(r"(?i)^(?:dockerfile|containerfile)\.?|\.?dockerfile$", "", file)
        folders = [
            one for one in folder.split("/") if one.lower() not in {"", "docker", "deploy", "build", ".docker"}
        ]
        name = _plain(ending or (folders[-1] if folders else project))
        name = name if name not in taken else _plain(path)
        taken.add(name)
        yield name, path


def _plain(name: str) -> str:
    """As a registry spells names."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "image"


def _context(path: str, seen: Seen) -> tuple[str, str]:
    """The folder that holds all that the Dockerfile copies: that of the repository, else its own."""
    folder = posixpath.dirname(path)
    copied = list(_copied(seen.text(path) or ""))
    if not folder or all(_is_there(one, "", seen) for one in copied):
        return ".", f"built from {path}"
    if all(_is_there(one, folder, seen) for one in copied):
        return folder, f"built from {path}, which copies from its own folder"
    return ".", f"built from {path}"


def _copied(text: str) -> Iterator[str]:
    for line in _COPIED.findall(text):
        words = [one for one in line.split() if not one.startswith("--")]
        yield from (one for one in words[:-1] if not re.search(r"[\[\]{}$*?\"']|://", one))


def _is_there(source: str, folder: str, seen: Seen) -> bool:
    path = posixpath.normpath(posixpath.join(folder, source.lstrip("/")))
    return path == "." or any(one == path or one.startswith(f"{path}/") for one in seen.paths)
