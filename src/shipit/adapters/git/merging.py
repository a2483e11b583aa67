"""Git's own merge, where neither settings nor merge drivers nor the work tree of a user have a say.

A driver that one machine has and another has not, or an attribute in a file that is not committed, would make
other objects of the same commits.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from shipit.adapters import process
from shipit.adapters.git import run

ATTRIBUTES = ".gitattributes"
_ANSWERS = (0, 1)
_SHA1 = 40
_SETTINGS = "[core]\n\trepositoryFormatVersion = 1\n\tbare = false\n\tattributesFile = /dev/null\n"
_SHA256 = "[extensions]\n\tobjectFormat = sha256\n"
_WITHOUT_SETTINGS: dict[str, str | None] = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    **dict.fromkeys(("GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS", "GIT_ATTR_SOURCE", "GIT_COMMON_DIR")),
}


def merge_tree(top: Path, ours: str, theirs: str) -> process.Finished:
    """What `git merge-tree` answers: 0 and a tree, or 1, a tree, and the paths in conflict, separated by NUL."""
    words = ("merge-tree", "--write-tree", "--no-messages", "--name-only", "-z", ours, theirs)
    attributes = _attributes(top, ours, theirs)
    with _bare_of_settings(top, ours, attributes) as (work, env):
        finished = _run(work, env, words)
        if finished.code not in _ANSWERS:
            run.ask(top, *words, ok=_ANSWERS)  # a clone that lacks files fetches them: it knows where from
            finished = _run(work, env, words)
        if finished.code not in _ANSWERS:
            raise run.explain(words, finished)
    return finished


def _run(work: Path, env: Mapping[str, str | None], words: Sequence[str]) -> process.Finished:
    return run.git(work, *words, env=env)


def _attributes(top: Path, ours: str, theirs: str) -> Mapping[str, bytes]:
    """The attributes that both commits hold, by path; where they differ, ours count."""
    found: dict[str, bytes] = {}
    for commit in (theirs, ours):
        for path, blob in _attribute_files(top, commit):
            data = run.ask(top, "cat-file", "blob", blob).stdout
            found[path] = found.get(path, b"").removesuffix(data) + b"\n" + data
    return found


def _attribute_files(top: Path, commit: str) -> Iterator[tuple[str, str]]:
    """Path and id of each file of attributes; a link is none."""
    listed = run.ask(top, "ls-tree", "-r", "-z", "--full-tree", commit).text
    for row in listed.split("\0"):
        head, _, path = row.partition("\t")
        folders = path.split("/")
        if folders[-1] == ATTRIBUTES and head.startswith("100") and not {"", ".", ".."} & set(folders):
            yield path, head.split()[2]


@contextmanager
def _bare_of_settings(
    top: Path, commit: str, attributes: Mapping[str, bytes]
) -> Iterator[tuple[Path, Mapping[str, str | None]]]:
    """A repository without settings that has our objects, and a work tree that holds the attributes only."""
    there = run.ask(top, "rev-parse", "--git-path", "objects", "--git-path", "shallow").text.splitlines()
    objects, shallow = (str(top / path) for path in there)
    with tempfile.TemporaryDirectory(prefix="shipit-merge-") as folder:
        work, git = Path(folder, "work"), Path(folder, "git")
        for one in (work, git / "refs"):
            one.mkdir(parents=True)
        (git / "HEAD").write_text("ref: refs/heads/none\n")
        (git / "config").write_text(_SETTINGS + ("" if len(commit) == _SHA1 else _SHA256))
        for path, data in attributes.items():
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_bytes(data)
        places = {"GIT_DIR": str(git), "GIT_WORK_TREE": str(work), "GIT_OBJECT_DIRECTORY": objects}
        yield work, {**_WITHOUT_SETTINGS, **places, "GIT_SHALLOW_FILE": shallow}
