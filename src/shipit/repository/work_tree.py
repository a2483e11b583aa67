"""What must be in the work tree before its configuration can be believed."""

from pathlib import Path

from shipit.adapters.git import query
from shipit.config.project import Project
from shipit.config.sources import OWN, PYPROJECT
from shipit.errors import UsageError


def require_work_tree(project: Project, package: str = "") -> None:
    """Raise UsageError where the configuration, or the folder of a package, is not in the work tree.

    A folder that is only not checked out is a mistake of nobody, unless its package is the one that is asked for.
    """
    top = project.top
    if not (top / PYPROJECT).exists():
        _require_configuration(top)
    packages = getattr(project.whole, "packages", {})  # light commands know of none
    if packages:
        _require_folders(project, package)


def _require_configuration(top: Path) -> None:
    there = [name for name in (PYPROJECT, OWN) if not (top / name).exists() and query.kind_in_head(top, name)]
    if not there:
        return
    is_empty = all(path.name == ".git" for path in top.iterdir())
    raise UsageError(
        f"the work tree has no {there[0]}, but HEAD has one",
        where=str(top),
        evidence=["nothing is checked out" if is_empty else f"{' and '.join(there)} is missing or deleted"],
        hint=f"git checkout HEAD -- {'.' if is_empty else ' '.join(there)}",
    )


def _require_folders(project: Project, package: str) -> None:
    from shipit.config.folders import bad_folders, refusal  # noqa: PLC0415 - most repositories have no packages

    top = project.top
    found = list(bad_folders(top, project.whole.packages, package))
    elsewhere = [
        one for one in found if not (top / one.path).exists() and query.kind_in_head(top, one.path) == "tree"
    ]
    wrong = [one for one in found if one not in elsewhere]
    if wrong:
        raise refusal(top, wrong)
    for one in elsewhere:
        if one.package == package:
            command = "git sparse-checkout add" if query.is_sparse(top) else "git checkout HEAD --"
            raise UsageError(
                f"{one.path}, the folder of the package {package}, is in HEAD and not in the work tree",
                where=str(top),
                evidence=[f"{one.path} is not checked out, or deleted"],
                hint=f"{command} {one.path}",
            )
