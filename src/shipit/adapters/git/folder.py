"""Where git keeps what is its own, found in files alone: GitPython costs a light command a tenth of its time."""

from pathlib import Path


def git_folder(top: Path) -> Path | None:
    """The folder that all work trees of the repository at `top` share; None if git itself must be asked."""
    try:
        folder = top / ".git"
        if folder.is_file():  # a linked work tree or a submodule
            folder = top / folder.read_text("utf-8").strip().removeprefix("gitdir: ")
        if (folder / "commondir").is_file():
            folder = folder / (folder / "commondir").read_text("utf-8").strip()
        return folder.resolve() if (folder / "HEAD").is_file() and (folder / "objects").is_dir() else None
    except (OSError, ValueError):
        return None


def private_folder(top: Path) -> Path:
    """Shipit's own folder inside the repository's git folder, or beside the configuration where there is none.

    It holds journal, kept files, what is built, backups and the audit file; private clones lie elsewhere.
    """
    if not (top / ".git").exists():
        return top / ".shipit"
    found = git_folder(top)
    if found is None:
        from shipit.adapters.git.checkout import Checkout  # noqa: PLC0415 - rarely needed, and GitPython is slow

        found = Checkout(top).git_folder
    return found / "shipit"
