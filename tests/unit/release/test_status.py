"""shipit status and shipit verify release: what the remote says, and whether it is still so."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from shipit.errors import Denied, LiveDiffers, Refused, StoppedHalfway
from shipit.model import Identity
from shipit.release import status, verify
from tests.fakes import FakeObjects
from tests.unit.memory import Machine, Product

SDIST = "acme-1.1.0.tar.gz"


def releases_hold(version: bytes, patch: pytest.MonkeyPatch, more: bytes = b"") -> None:
    """From now on pyproject.toml of every release commit holds another version, and `more` at its end."""
    change_tree = FakeObjects.change_tree

    def changed(objects: FakeObjects, base: str | None, changes: Mapping[str, bytes]) -> str:
        found = dict(changes)
        if "pyproject.toml" in found:
            found["pyproject.toml"] = found["pyproject.toml"].replace(b"1.1.0", version) + more
        return change_tree(objects, base, found)

    patch.setattr(FakeObjects, "change_tree", changed)


@pytest.fixture
def product() -> Product:
    return Product(forge=True)


@pytest.fixture
def machine(product: Product, tmp_path: Path) -> Machine:
    return Machine(product, tmp_path / "here")


@pytest.fixture
def other(product: Product, tmp_path: Path) -> Machine:
    return Machine(product, tmp_path / "elsewhere")


class TestStatus:
    def facts(self, machine: Machine) -> dict[str, Any]:
        [line] = status.report(machine.outside, json=True)
        found: dict[str, Any] = json.loads(line)
        return found

    def test_says_what_would_come_next(self, machine: Machine) -> None:
        assert list(status.report(machine.outside, json=False)) == [
            "project     acme",
            "released    v1.0.0",
            "open        nothing",
            "lock        free",
            "next        1.1.0 (3 commits on develop)",
        ]

    def test_says_what_is_released_and_that_nothing_comes_next(self, machine: Machine, other: Machine) -> None:
        machine.release()
        lines = list(status.report(other.outside, json=False))
        assert lines[1] == "released    v1.1.0 (with evidence)"
        assert lines[4] == "next        nothing to release on develop"

    def test_says_so_where_nothing_was_ever_released(self, tmp_path: Path) -> None:
        machine = Machine(Product(released=False), tmp_path)
        assert status.report(machine.outside, json=False)[1] == "released    nothing yet"

    def test_counts_one_commit_as_one(self, product: Product, machine: Machine, other: Machine) -> None:
        machine.release()
        tip = product.refs["refs/heads/main"]
        product.server.refs["refs/heads/develop"] = tip
        product.commit("develop", "fix: one\n", {"one.py": b""})
        assert status.report(other.outside, json=False)[4] == "next        1.1.1 (1 commit on develop)"

    def test_names_the_release_that_is_open_and_who_holds_the_lock(
        self, product: Product, machine: Machine, other: Machine
    ) -> None:
        machine.release(pull_request=True)
        assert self.facts(other)["lock"].startswith("v1.1.0: held by ada on ")
        product.merge_pull_request()
        product.index.refusals[SDIST] = Denied("503")
        with pytest.raises(StoppedHalfway):
            machine.release(resume=True)
        facts = self.facts(other)
        assert (facts["open"], facts["lock"]) == (["v1.1.0"], None)

    def test_shows_what_a_lock_says_as_one_line_of_text(self, machine: Machine) -> None:
        found = {**self.facts(machine), "lock": "v1: held by a\x1b[2J\n::error::b"}
        assert status.lines(machine.outside, found)[3] == "lock        v1: held by a ::error::b"

    def test_tells_programs_the_same(self, machine: Machine) -> None:
        assert self.facts(machine) == {
            "project": "acme",
            "released": "v1.0.0",
            "evidence": False,
            "open": [],
            "lock": None,
            "commits": 3,
            "next": "1.1.0",
            "refused": None,
        }


class TestVerify:
    @pytest.mark.parametrize("name", ["1.1.0", "v1.1.0"])
    def test_sees_every_lasting_effect_from_any_machine(self, machine: Machine, other: Machine, name: str) -> None:
        machine.release()
        assert verify.release(other.outside, name, other.reporter) == {"verified": "true", "tag": "v1.1.0"}
        [preview] = other.recorder.previews
        assert [one.name for one in preview.looked] == [
            *("push", "draft", "assets", "upload", "publish", "back-merge", "close")
        ]
        assert other.recorder.said == ["v1.1.0 is what was released: 7 effects seen with equal content"]

    @pytest.mark.parametrize("text", [b"{}", b"no json", b'{"commits": [], "release": {}}', b"[]"])
    def test_does_not_guess_at_evidence_that_it_cannot_read(
        self, product: Product, machine: Machine, other: Machine, text: bytes
    ) -> None:
        machine.release()
        ref = "refs/shipit/release/v1.1.0"
        objects = product.server.objects
        tree = objects.change_tree(product.refs[ref], {"release.json": text})
        product.server.refs[ref] = objects.commit(tree, [], "broken", Identity("Ada", "ada@acme.example"), 1)
        with pytest.raises(Refused, match=r"evidence of v1\.1\.0 cannot be read") as caught:
            verify.release(other.outside, "v1.1.0", other.reporter)
        assert ref in (caught.value.hint or "")

    def test_leaves_no_file_behind_and_writes_nothing(
        self, product: Product, machine: Machine, other: Machine
    ) -> None:
        machine.release()
        pushes = len(product.server.pushes)
        verify.release(other.outside, "1.1.0", other.reporter)
        assert len(product.server.pushes) == pushes
        assert not list((other.outside.private / "releases").glob("*/*"))

    def test_names_everything_that_is_not_what_was_released(
        self, product: Product, machine: Machine, other: Machine
    ) -> None:
        machine.release()
        del product.index.files[SDIST]
        product.server.refs["refs/heads/develop"] = product.refs["refs/tags/v1.0.0"]
        with pytest.raises(LiveDiffers, match=r"v1\.1\.0 is not what was released") as caught:
            verify.release(other.outside, "1.1.0", other.reporter)
        assert caught.value.exit_code == 6
        assert [row.partition(":")[0] for row in caught.value.evidence] == ["upload", "back-merge"]
        assert caught.value.evidence[1] == "back-merge: absent"

    def test_names_notes_that_people_edited_though_they_stop_no_further_run(
        self, product: Product, machine: Machine, other: Machine
    ) -> None:
        machine.release()
        assert product.forge
        product.forge.releases[0] = replace(product.forge.releases[0], body="my own words")
        with pytest.raises(LiveDiffers) as caught:
            verify.release(other.outside, "1.1.0", other.reporter)
        assert caught.value.evidence == ("draft: the notes of memory:1 were edited",)
        assert other.release() == {"released": "false", "tag": "v1.1.0"}

    @pytest.mark.parametrize("more", [b"", b"nonsense = 1\n"])
    def test_names_version_files_that_hold_another_version(
        self, machine: Machine, other: Machine, monkeypatch: pytest.MonkeyPatch, more: bytes
    ) -> None:
        """As those did that were made with `./` in version.files; a broken configuration does not name any."""
        releases_hold(b"1.0.0", monkeypatch, more)
        machine.release()
        with pytest.raises(LiveDiffers) as caught:
            verify.release(other.outside, "1.1.0", other.reporter)
        assert caught.value.evidence == ("version: pyproject.toml:project.version holds 1.0.0, not 1.1.0",)

    def test_names_version_files_that_hold_no_version(
        self, machine: Machine, other: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        releases_hold(b"1!1.1.0", monkeypatch)
        machine.release()
        with pytest.raises(LiveDiffers) as caught:
            verify.release(other.outside, "1.1.0", other.reporter)
        assert "pyproject.toml:project.version: " in caught.value.evidence[0]

    def test_asks_those_version_files_that_the_release_knew(
        self, product: Product, machine: Machine, tmp_path: Path
    ) -> None:
        machine.release()
        product.settings += 'version.files = ["acme.py:word"]\n'
        later = Machine(product, tmp_path / "later")
        assert later.outside.config.version.files == ("acme.py:word",)
        assert verify.release(later.outside, "1.1.0", later.reporter)["verified"] == "true"

    def test_refuses_a_release_that_shipit_did_not_make(self, machine: Machine) -> None:
        with pytest.raises(Refused, match=r"v1\.0\.0 has no evidence on origin") as caught:
            verify.release(machine.outside, "1.0.0", machine.reporter)
        assert caught.value.evidence == ("there is no refs/shipit/release/v1.0.0",)
        assert caught.value.hint == "only releases that shipit made can be verified"
