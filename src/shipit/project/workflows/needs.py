"""What a job installs for a project: the project itself, and what its gates need, in the words of pip."""

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

from shipit.config.setup_files import SETUP_CFG, SETUP_PY, options
from shipit.config.sources import Documents, table

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_EXTRA = re.compile(r"\.\[[^\]]+\]")
_ALL = "dev"
"""The group that has everything; other tools install it unasked, too."""
_SOME = ("test", "tests", "testing", "lint", "linting", "typing", "types", "typecheck")
_FILES = (
    *("requirements-dev.txt", "requirements_dev.txt", "dev-requirements.txt", "requirements/dev.txt"),
    *("requirements-test.txt", "requirements-tests.txt", "test-requirements.txt", "requirements/test.txt"),
)


class Needs(Struct, frozen=True, kw_only=True):
    """`installs` is the project itself where it must be installed, `tools` what its gates need beside it.

    `named` are the packages that `tools` brings.
    """

    installs: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    named: frozenset[str] = frozenset()

    def words(self, *, gates: bool) -> Sequence[str]:
        """Both; an extra brings the project itself."""
        if not gates:
            return self.installs
        has_extra = any(map(_EXTRA.fullmatch, self.tools))
        return (*(one for one in self.installs if not (has_extra and one == ".")), *self.tools)


def needs(documents: Documents, *, has_src: bool, folders: Sequence[str] = ()) -> Needs:
    """What the project's own files say; `folders` hold packages that are developed beside it.

    `has_src`: its packages lie in src, where no test finds them by itself.
    """
    found = [*_of_groups(documents), *_of_extras(documents), *_of_files(documents), *_of_poetry(documents)]
    return Needs(
        installs=(*(f"./{one}" for one in folders), *_installs(documents, has_src=has_src)),
        tools=tuple(dict.fromkeys(word for word, _ in found)),
        named=frozenset(name for _, names in found for name in names),
    )


def is_member(folder: str, workspace: Mapping[str, Any]) -> bool:
    """Whether a folder belongs to a workspace of uv."""
    wanted, unwanted = (map(str, workspace.get(key, ())) for key in ("members", "exclude"))
    return any(fnmatchcase(folder, one) for one in wanted) and not any(fnmatchcase(folder, one) for one in unwanted)


def _installs(documents: Documents, *, has_src: bool) -> Iterator[str]:
    if _is_built(documents):
        if _depends(documents) or (has_src and not _has_path(documents)):
            yield "."
    elif documents.text("requirements.txt") is not None:
        yield "--requirement=requirements.txt"


def _is_built(documents: Documents) -> bool:
    """Whether pip can install the project."""
    if documents.tool("poetry").get("package-mode") is False or documents.tool("uv").get("package") is False:
        return False
    whole = documents.pyproject or {}
    return "build-system" in whole or "project" in whole or _has_setup(documents)


def _has_setup(documents: Documents) -> bool:
    return documents.text(SETUP_CFG) is not None or documents.text(SETUP_PY) is not None


def _depends(documents: Documents) -> bool:
    project = documents.project or {}
    if project.get("dependencies") or "dependencies" in project.get("dynamic", ()):
        return True
    own = set(table(documents.tool("poetry"), "dependencies")) - {"python"}
    return bool(own) or (documents.project is None and _has_setup(documents))


def _has_path(documents: Documents) -> bool:
    """Whether pytest is configured to look for packages where they lie."""
    pytest = documents.tool("pytest")
    return "pythonpath" in {**pytest, **table(pytest, "ini_options")}


def _of_groups(documents: Documents) -> Iterator[tuple[str, set[str]]]:
    groups = table(documents.pyproject or {}, "dependency-groups")
    for name in chosen(groups):
        yield f"--group={name}", set(_grouped(groups, name))


def chosen(names: Mapping[str, Any] | Sequence[str]) -> Sequence[str]:
    """The group with everything, else those for tests, style and types."""
    return (_ALL,) if _ALL in names else tuple(one for one in _SOME if one in names)


def _grouped(groups: Mapping[str, Any], name: str) -> Iterator[str]:
    """The packages that a dependency group names, also through the groups that it includes."""
    names = [name]
    for group in names:  # which grows by those that are included
        members = groups.get(group)
        for one in members if isinstance(members, list) else ():
            if isinstance(one, Mapping):
                names += {str(one.get("include-group"))}.difference(names)
            else:
                yield from _names([str(one)])


def _of_extras(documents: Documents) -> Iterator[tuple[str, set[str]]]:
    extras: dict[str, Any] = dict(table(documents.project or {}, "optional-dependencies"))
    if documents.project is None:
        for name, lines in options(documents.text).get("options.extras_require", {}).items():
            extras[name] = lines.split("\n")
    wanted = chosen(extras)
    if wanted and _is_built(documents):
        yield f".[{','.join(wanted)}]", {one for name in wanted for one in _names(extras[name])}


def _of_files(documents: Documents) -> Iterator[tuple[str, set[str]]]:
    for path in _FILES:
        text = documents.text(path)
        if text is not None:
            yield f"--requirement={path}", set(_names(text.splitlines()))


def _of_poetry(documents: Documents) -> Iterator[tuple[str, set[str]]]:
    """Poetry's own groups by the names of their packages: pip reads neither the groups nor their versions."""
    own = documents.tool("poetry")
    groups = table(own, "group")
    wanted = [table(groups, name, "dependencies") for name in groups if name not in {"docs", "doc"}]
    found = {name for one in (*wanted, table(own, "dev-dependencies")) for name in one}
    for name in sorted(found - {"python"}):
        yield name, {name.lower()}


def _names(requirements: Any) -> Iterator[str]:
    for one in requirements if isinstance(requirements, list) else ():
        if found := _NAME.match(str(one).strip()):
            yield found[0].lower()
