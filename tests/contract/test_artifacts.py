"""What every store of artifacts must do: the same for the fake and for the folder with its kept ref."""

import errno
import hashlib
import os
import resource
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from shipit.adapters.claimed import ClaimedFolder
from shipit.adapters.git.objects import GitObjects
from shipit.adapters.git.remote import GitRemote
from shipit.errors import ExternalError, StoppedHalfway
from shipit.model import Artifact, Identity, RefUpdate
from shipit.release.artifacts import KeptArtifacts
from shipit.release.ports import ArtifactStore, Objects, Remote
from tests.fakes import FakeArtifacts, FakeObjects, FakeRemote, FakeServer
from tests.support.acme import Laid, fresh_clone

ADA = Identity("Ada Acme", "ada@acme.example")
KEPT = "refs/shipit/kept/v1.1.0"
WHEEL = "acme-1.1.0-py3-none-any.whl"
DATA = bytes(range(256)) * 9
MEGABYTE = 2**20


def keep(remote: Remote, objects: Objects, files: Mapping[str, bytes]) -> None:
    """What the push of a release does on the machine that built it."""
    tree = objects.change_tree(None, files)
    remote.push(RefUpdate(KEPT, objects.commit(tree, (), "evidence: v1.1.0\n", ADA, 0), None))


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """The disk of this process takes no file of more bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@dataclass
class Maker:
    """Makes the store of a machine, with these files kept on the remote by another one."""

    kind: str
    folder: Path

    def __call__(self, kept: Mapping[str, bytes] | None = None) -> ArtifactStore:
        if self.kind == "fake":
            return FakeArtifacts(self.folder, kept or {})
        server = FakeServer()
        if kept is not None:
            builder = FakeObjects()
            keep(FakeRemote(server, builder), builder, kept)
        here = FakeObjects()
        return KeptArtifacts(ClaimedFolder(self.folder), FakeRemote(server, here), here, KEPT)


@pytest.fixture(params=["fake", "folder"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Maker:
    return Maker(request.param, tmp_path / "v1.1.0")


class TestEveryStore:
    def test_is_empty_at_first(self, make: Maker) -> None:
        artifacts = make()
        assert list(artifacts.names()) == []
        assert artifacts.read(WHEEL) is None

    def test_gives_back_what_was_written(self, make: Maker) -> None:
        artifacts = make()
        artifacts.write(WHEEL, DATA)
        artifacts.write("SHA256SUMS", b"")
        assert list(artifacts.names()) == ["SHA256SUMS", WHEEL]
        assert artifacts.read(WHEEL) == DATA
        assert artifacts.read("SHA256SUMS") == b""
        assert artifacts.path(WHEEL).read_bytes() == DATA
        assert artifacts.path(WHEEL).name == WHEEL

    def test_replaces_what_is_written_again(self, make: Maker) -> None:
        artifacts = make()
        artifacts.write(WHEEL, b"old")
        artifacts.write(WHEEL, DATA)
        assert artifacts.read(WHEEL) == DATA

    def test_tells_size_and_sha256(self, make: Maker) -> None:
        artifacts = make()
        artifacts.write(WHEEL, DATA)
        assert artifacts.artifact(WHEEL) == Artifact(WHEEL, len(DATA), hashlib.sha256(DATA).hexdigest())

    def test_brings_a_kept_file_from_the_remote_when_its_path_is_asked_for(self, make: Maker) -> None:
        artifacts = make({WHEEL: DATA})
        assert artifacts.read(WHEEL) is None
        assert artifacts.path(WHEEL).read_bytes() == DATA
        assert artifacts.read(WHEEL) == DATA

    def test_describes_a_kept_file_as_well(self, make: Maker) -> None:
        assert make({WHEEL: DATA}).artifact(WHEEL).size == len(DATA)

    @pytest.mark.parametrize("kept", [None, {"SHA256SUMS": b""}])
    def test_stops_when_a_file_is_neither_here_nor_kept(
        self, make: Maker, kept: Mapping[str, bytes] | None
    ) -> None:
        with pytest.raises(StoppedHalfway, match="not on this machine and not kept on origin"):
            make(kept).path(WHEEL)

    def test_is_empty_after_it_was_cleared(self, make: Maker) -> None:
        artifacts = make()
        artifacts.clear()
        artifacts.write(WHEEL, DATA)
        artifacts.clear()
        assert list(artifacts.names()) == []
        assert artifacts.read(WHEEL) is None


class TestTheFolder:
    def test_hides_a_file_that_was_being_written_when_the_power_went(self, tmp_path: Path) -> None:
        artifacts = Maker("folder", tmp_path)()
        (tmp_path / f"{WHEEL}.partial").write_bytes(b"half")
        assert list(artifacts.names()) == []
        assert artifacts.read(WHEEL) is None

    def test_is_cleared_together_with_what_was_kept_for_the_pull_request(self, tmp_path: Path) -> None:
        objects = FakeObjects()
        remote = FakeRemote(FakeServer(), objects)
        first = KeptArtifacts(ClaimedFolder(tmp_path / "first"), remote, objects, KEPT)
        other = KeptArtifacts(ClaimedFolder(tmp_path / "other"), remote, objects, KEPT)
        second = KeptArtifacts(ClaimedFolder(tmp_path / "second"), remote, objects, KEPT, first.folder)
        for artifacts in (first, other, second):
            artifacts.write(WHEEL, DATA)
        second.clear()
        assert [path.name for path in tmp_path.iterdir()] == ["other"]

    def test_says_what_could_not_be_kept_and_where(self, tmp_path: Path) -> None:
        (tmp_path / "v1.1.0").write_text("a file where the folder should be")
        artifacts = Maker("folder", tmp_path / "v1.1.0")()
        with pytest.raises(ExternalError, match=f"{WHEEL} cannot be kept: ") as caught:
            artifacts.write(WHEEL, DATA)
        assert caught.value.where == str(tmp_path / "v1.1.0")

    def test_on_a_full_disk_keeps_no_half_file_and_says_what_it_needed(self, tmp_path: Path) -> None:
        artifacts = Maker("folder", tmp_path / "v1.1.0")()
        artifacts.write(WHEEL, DATA)
        with (
            no_file_above(MEGABYTE),
            pytest.raises(ExternalError, match=f"{WHEEL} cannot be kept: File too large") as caught,
        ):
            artifacts.write(WHEEL, bytes(2 * MEGABYTE))
        assert caught.value.evidence == ("it has 2,097,152 bytes",)
        assert "limit of the user" in (caught.value.hint or "")
        assert [path.name for path in (tmp_path / "v1.1.0").iterdir()] == [WHEEL]
        assert artifacts.read(WHEEL) == DATA

    def test_keeps_nothing_that_did_not_reach_the_disk(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_descriptor: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        artifacts = Maker("folder", tmp_path / "v1.1.0")()
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(ExternalError, match=f"{WHEEL} cannot be kept: No space left on device"):
            artifacts.write(WHEEL, DATA)
        assert list((tmp_path / "v1.1.0").iterdir()) == []

    def test_names_the_ref_that_it_looked_for(self, tmp_path: Path) -> None:
        with pytest.raises(StoppedHalfway) as caught:
            Maker("folder", tmp_path)().path(WHEEL)
        assert caught.value.evidence == (f"{KEPT} on origin: no such ref",)
        with pytest.raises(StoppedHalfway) as caught:
            Maker("folder", tmp_path)({}).path(WHEEL)
        assert caught.value.evidence == (f"{KEPT} on origin: no such file",)
        assert caught.value.hint == "run --resume on the machine that built it"

    def test_brings_the_bytes_from_a_real_remote_to_another_machine(self, small_acme: Laid, tmp_path: Path) -> None:
        objects = GitObjects(small_acme.clone)
        keep(GitRemote(small_acme.clone, "origin"), objects, {WHEEL: DATA, "SHA256SUMS": b"x"})
        other = fresh_clone(small_acme, "elsewhere")
        artifacts = KeptArtifacts(
            ClaimedFolder(tmp_path / "kept"), GitRemote(other, "origin"), GitObjects(other), KEPT
        )
        assert artifacts.path(WHEEL).read_bytes() == DATA
        assert artifacts.path("SHA256SUMS").read_bytes() == b"x"
