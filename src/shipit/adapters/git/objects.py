"""The local object database: commits, trees and tags are made here without moving a ref or touching a file."""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from shipit.adapters.git import history, mailmap, patches, run
from shipit.adapters.git.merging import merge_tree
from shipit.errors import ExternalError
from shipit.model import Commit, Identity, Merge


class GitObjects:
    """Plays ports.Objects. `sign` makes tags with the key that git is configured to use."""

    def __init__(self, top: Path, *, sign: bool = False) -> None:
        self.top = top
        self.sign = sign

    def has(self, sha: str) -> bool:
        return run.ask(self.top, "cat-file", "-e", sha, ok=(0, 1, 128)).code == 0

    def tree(self, commit: str) -> str:
        return run.line(self.top, "rev-parse", "--verify", f"{commit}^{{tree}}")

    def files(self, commit: str, prefix: str = "") -> Sequence[str]:
        where = ("--", prefix) if prefix else ()
        out = run.ask(self.top, "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit, *where).text
        return [name for name in out.split("\0") if name]

    def read(self, commit: str, path: str) -> bytes | None:
        entry = self._entry(commit, path)
        return run.ask(self.top, "cat-file", "blob", entry[1]).stdout if entry else None

    def read_all(self, commit: str, paths: Sequence[str]) -> Mapping[str, bytes]:
        """The bytes of many files at a commit, by one child; what is no file there is left out."""
        asked = [path for path in paths if "\n" not in path]
        lines = "".join(f"{commit}:{path}\n" for path in asked)
        answer = run.ask(self.top, "cat-file", "--batch", data=os.fsencode(lines)).stdout
        found, at = {}, 0
        for path in asked:
            head, at = answer[at : answer.index(b"\n", at)], answer.index(b"\n", at) + 1
            if head.endswith(b" missing"):
                continue
            _, kind, size = head.split()
            if kind == b"blob":
                found[path] = answer[at : at + int(size)]
            at += int(size) + 1
        return found

    def patches(self, before: str, after: str) -> Mapping[str, bytes]:
        return patches.read(self.top, before, after)

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        return run.ask(self.top, "merge-base", "--is-ancestor", ancestor, descendant, ok=(0, 1)).code == 0

    def ancestors(self, commit: str) -> frozenset[str]:
        return frozenset(run.ask(self.top, "rev-list", commit).text.split())

    def history(self, start: str | None, *ends: str) -> Sequence[Commit]:
        return history.read(self.top, start, *ends)

    def touched(self, folder: str, start: str | None, end: str) -> frozenset[str]:
        return history.touched(self.top, folder, start, end)

    def authors(self, commit: str) -> frozenset[str]:
        return history.authors(self.top, commit)

    def known_as(self, people: Sequence[Identity]) -> Sequence[Identity]:
        return mailmap.known_as(self.top, people)

    def change_tree(self, base: str | None, changes: Mapping[str, bytes]) -> str:
        with self._index() as env:
            if base:
                run.ask(self.top, "read-tree", base, env=env)
            rows = [self._row(base, path, data) for path, data in changes.items()]
            run.ask(self.top, "update-index", "-z", "--index-info", env=env, data=b"".join(rows))
            return run.line(self.top, "write-tree", env=env)

    def commit(self, tree: str, parents: Sequence[str], message: str, author: Identity, time: int) -> str:
        above = [word for parent in parents for word in ("-p", parent)]
        words = (
            "-c",
            "commit.gpgSign=false",
            "-c",
            "i18n.commitEncoding=UTF-8",
            "commit-tree",
            tree,
            *above,
            "-F",
            "-",
        )
        return run.line(self.top, *words, data=message.encode(), env=_person(author, time))

    def tag(self, name: str, target: str, message: str, author: Identity, time: int) -> str:
        if self.sign:
            return self._signed_tag(name, target, message, _person(author, time))
        head = f"object {target}\ntype commit\ntag {name}\ntagger {author.name} <{author.email}> {time} +0000\n\n"
        return run.line(self.top, "mktag", data=(head + message.rstrip("\n") + "\n").encode())

    def merge(self, ours: str, theirs: str, preferred: Mapping[str, bytes]) -> Merge:
        finished = merge_tree(self.top, ours, theirs)
        tree, *paths = finished.text.rstrip("\0").split("\0")
        open_paths = tuple(path for path in paths if path and path not in preferred)
        if open_paths or (finished.code and not paths):
            return Merge(None, open_paths)
        return Merge(self.change_tree(tree.strip(), preferred) if preferred else tree.strip())

    def _entry(self, commit: str | None, path: str) -> tuple[str, str] | None:
        """Mode and id of a file at a commit."""
        if commit is None:
            return None
        out = run.ask(self.top, "ls-tree", "-z", "--full-tree", commit, "--", path).text.rstrip("\0")
        if not out:
            return None
        head = out.partition("\t")[0].split()
        return (head[0], head[2]) if head[1] == "blob" else None

    def _row(self, base: str | None, path: str, data: bytes) -> bytes:
        """A line for update-index: the bytes as they are, the mode as it was."""
        sha = run.line(self.top, "hash-object", "-w", "--stdin", "--no-filters", data=data)
        entry = self._entry(base, path)
        return f"{entry[0] if entry else '100644'} {sha}\t".encode() + os.fsencode(path) + b"\0"

    @contextmanager
    def _index(self) -> Iterator[dict[str, str]]:
        with tempfile.TemporaryDirectory(prefix="shipit-index-") as folder:
            yield {"GIT_INDEX_FILE": str(Path(folder) / "index")}

    def _signed_tag(self, name: str, target: str, message: str, env: Mapping[str, str]) -> str:
        """`git tag -s` wants to write a ref: let it, in a throw-away repository that shares our objects."""
        keys = (
            "user.signingKey",
            "gpg.format",
            "gpg.program",
            "gpg.ssh.program",
            "gpg.ssh.defaultKeyCommand",
        )
        found = {key: run.ask(self.top, "config", "--get", key, ok=(0, 1)).text.strip() for key in keys}
        found["user.signingKey"] = self._key(found)
        options = [word for key, value in found.items() if value for word in ("-c", f"{key}={value}")]
        objects = self.top / run.line(self.top, "rev-parse", "--git-path", "objects")
        with tempfile.TemporaryDirectory(prefix="shipit-tag-") as folder:
            bare = Path(folder)
            run.ask(bare, "init", "--quiet", "--bare")
            # by its name: git may be set to find no bare repository by itself (safe.bareRepository)
            shared = {**env, "GIT_DIR": str(bare), "GIT_OBJECT_DIRECTORY": str(objects)}
            words = (*options, "tag", "-s", "-F", "-", name, target)
            said = run.ask(bare, *words, data=message.encode(), env=shared).stderr
            made = run.line(bare, "rev-parse", f"refs/tags/{name}", env=shared)
            if "-----BEGIN " not in run.ask(bare, "cat-file", "tag", made, env=shared).text:
                # git 2.39 answers 0 when ssh-keygen failed, and makes a tag that nobody signed
                raise ExternalError(f"{name} could not be signed", evidence=said.splitlines())
            return made

    def _key(self, found: Mapping[str, str]) -> str:
        """The signing key; a file of ssh's that is named relative to the repository by its whole path."""
        key = found["user.signingKey"]
        file = self.top / key
        return str(file) if found["gpg.format"] == "ssh" and key and file.is_file() else key


def _person(author: Identity, time: int) -> dict[str, str]:
    return {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", author.name), ("EMAIL", author.email), ("DATE", f"@{time} +0000"))
    }
