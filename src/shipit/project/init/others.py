"""Other tools that release or test: what is taken over from them, and what is better taken away afterwards."""

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from shipit.config.setup_files import options
from shipit.config.sources import PYPROJECT
from shipit.project.init.model import Finding, Note, Seen, Setting

_RELEASES = re.compile(
    r"semantic-release|release-please|gh-action-pypi-publish|twine upload|\bcz bump|bump-my-version|bumpversion|"
    r"(?:uv|poetry|flit|hatch|pdm) publish"
)
_TESTS = re.compile(r"\b(?:pytest|tox|nox|unittest)\b")
_TEXTS = (".md", ".rst", ".txt", ".yml", ".yaml", ".cff")
"""Endings of files that mention a version, and are not read for it."""
_READ = {"semantic_release": "python-semantic-release", "commitizen": "commitizen"}
_UNREAD = {"release-please-config.json": "release-please", ".releaserc": "semantic-release"}


class _Bumped(Struct, frozen=True):
    """What bump-my-version is configured to write: where it says so, the files, and the name of a tag."""

    origin: str
    files: Sequence[str]
    tag: str


def others(seen: Seen) -> Iterator[Finding]:
    """Every other tool that shows itself."""
    yield from _read_as_they_are(seen)
    yield from _not_read(seen)
    if bumped := _bumped(seen):
        yield from _taken_over(bumped, seen)
    yield from _workflows(seen)


def _read_as_they_are(seen: Seen) -> Iterator[Note]:
    for name, tool in _READ.items():
        if source := seen.documents.peer(name):
            where = f"[tool.{name}]" if source.file == PYPROJECT else source.file
            yield Note(f"{where} of {tool} is read as it is: its keys need no copy, and it may stay")


def _not_read(seen: Seen) -> Iterator[Note]:
    for file, tool in _UNREAD.items():
        if file in seen.paths:
            yield Note(f"{file} of {tool} is not read: remove it once shipit has released")
    if seen.documents.tool("towncrier"):
        yield Note("fragments of towncrier stay as they are: shipit makes the notes from commits")


def _workflows(seen: Seen) -> Iterator[Note]:
    for path in (one for one in seen.paths if one.startswith(".github/workflows/")):
        text = seen.text(path) or ""
        if "shipit " not in text:
            yield from _of_workflow(path, text)


def _of_workflow(path: str, text: str) -> Iterator[Note]:
    if found := _RELEASES.search(text):
        yield Note(f"{path} releases, too ({found[0]}): remove that once shipit has released")
    elif found := _TESTS.search(text):
        yield Note(f"{path} runs {found[0]}, too: keep it for what shipit's own tests.yml does not do")


def _bumped(seen: Seen) -> _Bumped | None:
    own = seen.documents.tool("bumpversion")
    if own:
        files = [str(one.get("filename", "")) for one in own.get("files", ()) if isinstance(one, Mapping)]
        return _Bumped("[tool.bumpversion]", files, str(own.get("tag_name", "v{new_version}")))
    return next(filter(None, (_of_file(file, seen) for file in (".bumpversion.cfg", "setup.cfg"))), None)


def _of_file(file: str, seen: Seen) -> _Bumped | None:
    text = seen.text(file)
    sections = options(lambda _: text)
    if "bumpversion" not in sections:
        return None
    files = [one.split(":")[2] for one in sections if one.startswith("bumpversion:file:")]
    return _Bumped(file, files, sections["bumpversion"].get("tag_name", "v{new_version}"))


def _taken_over(bumped: _Bumped, seen: Seen) -> Iterator[Finding]:
    yield Note(f"{bumped.origin} of bump-my-version is not read by shipit: remove it once shipit has released")
    wanted = bumped.tag.replace("{new_version}", "{version}")
    if "{version}" in wanted and wanted != seen.settings.config.version.tag_format and not seen.clone.tags:
        yield Setting(key="version.tag-format", value=wanted, reason=f"tag_name in {bumped.origin}")
    mentions = tuple(one for one in bumped.files if one.endswith(_TEXTS))
    if mentions:
        yield Setting(key="version.mentions", value=mentions, reason=f"{bumped.origin} writes the version there")
