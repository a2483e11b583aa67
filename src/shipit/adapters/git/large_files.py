"""Files that git-lfs keeps elsewhere: in a package they must be themselves, not the pointers that git has."""

from collections.abc import Callable
from pathlib import Path

from shipit.adapters.git import run
from shipit.errors import Refused

POINTER = b"version https://git-lfs.github.com/spec/"
WITH_LFS = {
    "filter.lfs.process": "git-lfs filter-process",
    "filter.lfs.smudge": "git-lfs smudge -- %f",
    "filter.lfs.clean": "git-lfs clean -- %f",
    "filter.lfs.required": "true",
}
WITHOUT_LFS = {**dict.fromkeys(WITH_LFS, ""), "filter.lfs.required": "false"}


def settings(top: Path, commit: str) -> dict[str, str]:
    """What the clone of a commit needs for git-lfs; empty where no `.gitattributes` of the commit names it."""
    words = ("grep", "-q", "-e", "filter=lfs", commit, "--", ":(top,glob)**/.gitattributes")
    if run.ask(top, *words, ok=(0, 1)).code:
        return {}
    works = run.git(top, "lfs", "version").code == 0
    return WITH_LFS if works else WITHOUT_LFS


def require(tree: Path, ask: Callable[..., str], used: dict[str, str]) -> None:
    """Raise Refused if a file of git-lfs in `tree` is a pointer; `used` are its settings there."""
    if not used:
        return
    names = ask("ls-files", "-z", "--", ":(attr:filter=lfs)").split("\0")
    pointers = [name for name in names if name and _is_pointer(tree / name)]
    if pointers:
        installed = used is WITH_LFS
        hint = "git lfs fetch --all, or see why git-lfs leaves it" if installed else "install git-lfs"
        what = "what would be published is a pointer of git-lfs instead of a file"
        raise Refused(what, where=pointers[0], evidence=pointers[1:6], hint=hint)


def _is_pointer(file: Path) -> bool:
    if file.is_symlink() or not file.is_file():
        return False
    with file.open("rb") as opened:
        return opened.read(len(POINTER)) == POINTER
