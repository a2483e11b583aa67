"""A clone of one commit with the tag that it will get: what a release is built from, and its gates run on.

It shares the objects of the user's repository, and nothing else: no work tree, index, hook, replaced object,
sparse pattern or setting of the user has a part in its files.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from shipit.adapters.claimed import ClaimedFolder
from shipit.adapters.git import clone_settings, large_files, run
from shipit.adapters.git.clone_place import ClonePlace, find_base
from shipit.adapters.git.clone_settings import Setting
from shipit.adapters.git.folder import git_folder
from shipit.model import Identity


@dataclass(frozen=True, kw_only=True)
class PrivateClone:
    """The files of `commit`, whose tree has the git id `id`, under the tag that it will get.

    `top` is the user's repository, `remote` what its remote is called there; `author` and `time` (in seconds
    since the epoch) are those of the tag.
    """

    top: Path
    commit: str
    tag: str
    author: Identity
    time: int
    id: str = ""
    remote: str = "origin"

    @cached_property
    def path(self) -> Path:
        """Where the files are; what killed runs left of earlier clones is removed first."""
        self.place.sweep()
        self.place.make(self._folder)
        large = large_files.settings(self.top, self.commit)
        self._begin([*self._settings, *large.items()])
        self._set_tags()
        self._git("checkout", "--quiet", "--detach", "--force", self.commit)
        large_files.require(self._tree, self._git, large)
        self._modules("update", "--init", "--recursive", "--force")
        return self._tree

    def read(self, path: str) -> str | None:
        """The text of a file of the commit, for which no clone is made; None where it has no such text."""
        finished = run.git(self.top, "cat-file", "blob", f"{self.commit}:{path}")
        return finished.stdout.decode("utf-8", "replace") if finished.code == 0 else None

    def clean(self) -> None:
        """Make every file as in the commit: what gates left behind would end up in an sdist."""
        self._run(self.path, "reset", "--hard", "--quiet", self.commit)
        self._git("clean", "-ffdx", "--quiet")
        self._modules("foreach", "--recursive", "--quiet", "git reset --hard --quiet && git clean -ffdxq")

    def remove(self) -> None:
        """Take it away, and every other clone of this repository whose run is dead, those half-made included."""
        self._folder.release()
        self.place.sweep()
        vars(self).pop("path", None)

    @cached_property
    def place(self) -> ClonePlace:
        """Where the clones of this repository lie."""
        return ClonePlace(find_base(), self._git_folder)

    @cached_property
    def _git_folder(self) -> Path:
        found = git_folder(self.top)
        return found or Path(run.line(self.top, "rev-parse", "--path-format=absolute", "--git-common-dir"))

    @cached_property
    def _folder(self) -> ClaimedFolder:
        return self.place.folder(self.tag, self.commit)

    @property
    def _tree(self) -> Path:
        return self._folder.claim() / "tree"

    @cached_property
    def _settings(self) -> list[Setting]:
        """The settings of the user's repository itself, without those of the user or the machine."""
        return clone_settings.parsed(run.ask(self.top, "config", "--local", "--includes", "--list", "-z").text)

    @cached_property
    def _environment(self) -> Mapping[str, str | None]:
        ways = clone_settings.ways(self._settings, self.remote)
        return {**run.QUIET, **clone_settings.without_repository(), **ways, "GIT_ATTR_NOSYSTEM": "1"}

    def _begin(self, settings: list[Setting]) -> None:
        """Make an empty repository that takes its objects from the user's one."""
        kind = dict(settings).get("extensions.objectformat", "sha1")
        inner = self._tree / ".git"
        self._run(self._tree.parent, "init", "--quiet", "--template=", f"--object-format={kind}", str(self._tree))
        (inner / "objects" / "info" / "alternates").write_text(f"{self._git_folder / 'objects'}\n", "utf-8")
        if (self._git_folder / "shallow").is_file():
            shutil.copy(self._git_folder / "shallow", inner)
        with (inner / "config").open("a", encoding="utf-8", errors="surrogateescape") as file:
            file.write(clone_settings.written(settings, self.top, self.remote, self._tree))

    def _set_tags(self) -> None:
        """Set every tag of the user's repository, and ours in its place: at this commit none is nearer."""
        ref = f"refs/tags/{self.tag}"
        listed = run.ask(self.top, "for-each-ref", "--format=%(objectname) %(refname)", "refs/tags/").text
        others = [row for row in listed.splitlines() if row.partition(" ")[2] != ref]
        who = f"{self.author.name} <{self.author.email}> {self.time} +0000"
        text = f"object {self.commit}\ntype commit\ntag {self.tag}\ntagger {who}\n\n{self.tag}\n"
        made = self._git("mktag", data=text.encode()).strip()
        lines = "".join(f"{row}\n" for row in (*others, f"{made} {ref}"))
        (self._tree / ".git" / "packed-refs").write_text(lines, "utf-8", "surrogateescape")

    def _modules(self, *words: str) -> None:
        if (self._tree / ".gitmodules").is_file():
            self._git("submodule", *words)

    def _git(self, *words: str, data: bytes | None = None) -> str:
        return self._run(self._tree, *words, data=data)

    def _run(self, folder: Path, *words: str, data: bytes | None = None) -> str:
        """Run git there; the settings are also given for the submodules, whose files have none of their own."""
        fixed = [word for key, value in clone_settings.FIXED.items() for word in ("-c", f"{key}={value}")]
        finished = run.git(folder, *fixed, "-c", "init.templateDir=", *words, data=data, env=self._environment)
        if finished.code:
            raise run.explain(words, finished)
        return finished.text
