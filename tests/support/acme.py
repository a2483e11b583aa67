"""Sample repositories for tests: laid out once in a session, copied for each test."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from examples.lay_out import Laid, git, lay_out, lay_out_small

__all__ = ["Laid", "Template", "commit", "fresh_clone", "git", "lay_out", "lay_out_small", "refs"]


@dataclass(frozen=True, slots=True)
class Template:
    """A folder that was laid out and is copied: a few milliseconds instead of five git processes."""

    laid: Laid

    @classmethod
    def make(cls, folder: Path, lay: Callable[[Path], Laid]) -> "Template":
        return cls(lay(folder))

    def copy(self, folder: Path) -> Laid:
        """Copy everything into `folder` (which may exist) and let the clone name the copied remote."""
        folder = folder.resolve()
        shutil.copytree(self.laid.folder, folder, symlinks=True, dirs_exist_ok=True)
        copied = Laid(
            folder, *(folder / path.name for path in (self.laid.remote, self.laid.clone, self.laid.index))
        )
        config = copied.clone / ".git" / "config"
        text = config.read_text(encoding="utf-8")
        config.write_text(text.replace(str(self.laid.remote), str(copied.remote)), encoding="utf-8")
        git(copied.clone, "update-index", "-q", "--refresh")  # the copied files have other inode numbers
        return copied


def refs(repository: Path) -> dict[str, str]:
    """Every ref of a repository with its object id; HEAD is not among them."""
    lines = git(repository, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return dict(line.split(" ", 1) for line in lines)


def fresh_clone(laid: Laid, name: str, *options: str, branch: str = "develop") -> Path:
    """Another machine: a new clone of the remote, beside the first so that both see the same index."""
    target = laid.folder / name
    git(laid.folder, "clone", "--quiet", f"--branch={branch}", *options, laid.remote.as_uri(), str(target))
    for key in ("user.name", "user.email"):
        git(target, "config", key, git(laid.clone, "config", key))
    return target


def commit(
    clone: Path,
    message: str,
    files: Mapping[str, str] | None = None,
    *,
    push: bool = False,
    time: int | None = None,
) -> str:
    """Commit these files (none: an empty commit) on the branch that is checked out; return its id."""
    for path, content in (files or {}).items():
        (clone / path).parent.mkdir(parents=True, exist_ok=True)
        (clone / path).write_text(content, encoding="utf-8")
        git(clone, "add", "--", path)
    date = () if time is None else (f"--date={time} +0000",)
    git(
        clone,
        "commit",
        "--quiet",
        "--allow-empty",
        "--cleanup=verbatim",
        *date,
        "--file=-",
        data=message.encode(),
    )
    if push:
        git(clone, "push", "--quiet", "origin", "HEAD")
    return git(clone, "rev-parse", "HEAD")
