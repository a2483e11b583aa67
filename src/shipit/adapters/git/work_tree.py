"""A detached work tree of one commit: the user's own tree, index and hooks are never touched."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from shipit.adapters import process
from shipit.adapters.git import run

OURS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX")
"""Set by git for its hooks and aliases: a child in another tree would act on the user's one."""
ELSEWHERE: Mapping[str, str | None] = dict.fromkeys(OURS)


@dataclass(frozen=True, kw_only=True)
class WorkTree:
    """The files of `commit`, whose tree has the git id `id`, in `folder`; made from the repository `top`."""

    top: Path
    folder: Path
    commit: str
    id: str = ""

    @cached_property
    def path(self) -> Path:
        """Where the files are; what a killed run left at the same path is removed first."""
        self._remove()
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self._git(self.top, "worktree", "add", "--detach", "--force", str(self.folder), self.commit)
        self._modules("update", "--init", "--recursive", "--force")
        return self.folder

    def clean(self) -> None:
        """Make every file as in the commit: what gates left behind would end up in an sdist."""
        self._git(self.path, "reset", "--hard", "--quiet", self.commit)
        self._git(self.path, "clean", "-ffdx", "--quiet")
        self._modules("foreach", "--recursive", "--quiet", "git reset --hard --quiet && git clean -ffdxq")

    def remove(self) -> None:
        """Take away files and registration, half-made ones included; no other work tree is pruned."""
        self._remove()
        vars(self).pop("path", None)

    def _remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        # twice forced: a run killed in `worktree add` leaves its registration locked
        argv = run.argv(self.top, "worktree", "remove", "--force", "--force", str(self.folder))
        process.run(argv, env={**run.QUIET, **ELSEWHERE})

    def _modules(self, *words: str) -> None:
        if (self.folder / ".gitmodules").is_file():
            self._git(self.folder, "submodule", *words)

    def _git(self, folder: Path, *words: str) -> None:
        finished = process.run(run.argv(folder, *words), env={**run.QUIET, **ELSEWHERE})
        if finished.code:
            raise run.explain(words, finished)
