"""SIGKILL at every point at which a private clone is made or removed: the next run finds it, and nothing else.

A point is what Python is about to ask the system for: a folder, a file, a child, a removal. Each one is struck in
a fork of its own; a child of git that was started before may still run then.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shipit.adapters.git.clone_place import ClonePlace
from shipit.adapters.git.private_clone import PrivateClone
from tests.fakes import ADA
from tests.support.acme import Laid, git

POINTS = {"os.mkdir", "os.remove", "os.rmdir", "os.rename", "os.chmod", "shutil.rmtree", "subprocess.Popen"}
TIME = 1_700_000_000


class Striker:
    """Counts the points that are passed; at the one with the number `last` it kills its process."""

    def __init__(self, where: Path, last: int) -> None:
        self.where = str(where)
        self.last = last
        self.count = 0
        self.is_on = False
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.is_on or not self._is_point(event, arguments):
            return
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def _is_point(self, event: str, arguments: tuple[object, ...]) -> bool:
        if event == "open":  # for writing, in the folder of the clones
            path, _, flags = arguments
            return str(path).startswith(self.where) and bool(int(str(flags)) & (os.O_WRONLY | os.O_RDWR))
        return event in POINTS


class Scene:
    """A repository, and a state folder with files of the user beside the clones."""

    def __init__(self, laid: Laid, state: Path) -> None:
        self.top = laid.clone
        self.commit = git(self.top, "rev-parse", "HEAD")
        self.place = ClonePlace(state / "shipit", (self.top / ".git").resolve())
        for folder in (state, self.place.base, self.place.own):
            folder.mkdir(mode=0o700)
        self.mine = {
            state / "mine",
            self.place.base / "mine",
            self.place.own / "mine",
            self.place.own / "my" / "tree",
        }
        for path in self.mine:
            path.parent.mkdir(exist_ok=True)
            path.write_text("mine")
        self.files = sorted(git(self.top, "ls-tree", "-r", "--name-only", "HEAD").splitlines())

    def clone(self, tag: str = "v1.1.0") -> PrivateClone:
        return PrivateClone(top=self.top, commit=self.commit, tag=tag, author=ADA, time=TIME)

    def struck(self, act: Callable[[], object], last: int) -> int:
        """Do it in a fork that is killed at a point; answers how many points there were if it was not."""
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            striker = Striker(self.place.own, last)
            striker.is_on = True
            act()
            striker.is_on = False
            os.write(writer, str(striker.count).encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as said:
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            text = said.read()
        assert status == (0 if text else -signal.SIGKILL)
        return int(text or 0)

    def go_on(self) -> None:
        """The next run, of another version: it has its files, and what was left is gone."""
        clone = self.clone("v1.2.0")
        found = (path for path in clone.path.rglob("*") if path.is_file())
        inside = (path.relative_to(clone.path) for path in found)
        assert sorted(str(path) for path in inside if path.parts[0] != ".git") == self.files
        assert git(clone.path, "describe") == "v1.2.0"
        assert git(clone.path, "status", "--porcelain") == ""
        clone.remove()
        self.require_mine_alone()

    def require_mine_alone(self) -> None:
        """Nothing is left but what was the user's; an orphan of git may write for a moment more."""
        for _ in range(100):
            self.place.sweep()
            left = {path for path in self.place.base.parent.rglob("*") if path.is_file()}
            if left == self.mine:
                break
            time.sleep(0.02)
        assert left == self.mine
        assert {path.read_text() for path in self.mine} == {"mine"}
        assert git(self.top, "status", "--porcelain") == ""


@pytest.fixture
def scene(small_acme: Laid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Scene(small_acme, tmp_path / "state")


def test_killed_while_it_is_made(scene: Scene) -> None:
    points = scene.struck(lambda: scene.clone().path, last=0)
    assert points >= 12
    for last in range(1, points + 1):
        scene.struck(lambda: scene.clone().path, last)
        scene.go_on()


def test_killed_while_it_is_removed(scene: Scene) -> None:
    def made() -> PrivateClone:
        clone = scene.clone()
        assert clone.path
        return clone

    made()
    points = scene.struck(scene.clone().remove, last=0)
    assert points >= 20
    # the first ones and the last ones; between them one file goes after the other
    for last in (*range(1, 8), *range(8, points - 8, 9), *range(points - 8, points + 1)):
        made()
        scene.struck(scene.clone().remove, last)
        scene.go_on()


def test_killed_while_what_another_left_is_swept(scene: Scene) -> None:
    for last in range(1, 40, 3):
        assert scene.clone("v0.9.0").path
        scene.struck(lambda: scene.clone().path, last)
        scene.go_on()
