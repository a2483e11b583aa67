"""Packages, named versions and maintenance branches through the commands, on a remote in memory."""

import json
from pathlib import Path

import pytest

from shipit.errors import Refused, UsageError
from shipit.release import status, verify
from tests.unit.memory import TRUNK, Machine, Product

SETTINGS = TRUNK + 'packages.a = {{ path = "tools/a" }}\n'
OWN = b'[project]\nname = "acme"\nversion = "0.0.0"\n'


@pytest.fixture
def product() -> Product:
    made = Product(SETTINGS)
    made.commit("main", "feat: a tool\n", {"tools/a/pyproject.toml": OWN})
    return made


def machine_of(product: Product, folder: Path) -> Machine:
    made = Machine(product, folder)
    own = made.outside.top / "tools" / "a"
    own.mkdir(parents=True)
    (own / "pyproject.toml").write_bytes(OWN)
    return made


@pytest.fixture
def machine(product: Product, tmp_path: Path) -> Machine:
    return machine_of(product, tmp_path / "here")


class TestPackages:
    def test_are_released_one_by_one_and_verified_by_their_tags(
        self, product: Product, machine: Machine, tmp_path: Path
    ) -> None:
        assert machine.release(package="a")["tag"] == "a-v0.1.0"
        assert "refs/tags/v1.1.0" not in product.refs
        elsewhere = machine_of(product, tmp_path / "elsewhere")
        assert verify.release(elsewhere.outside, "a-v0.1.0", elsewhere.reporter)["tag"] == "a-v0.1.0"
        assert machine.release(package="a") == {"released": "false", "tag": "a-v0.1.0"}
        assert machine.release()["tag"] == "v1.1.0"
        assert verify.release(elsewhere.outside, "1.1.0", elsewhere.reporter)["tag"] == "v1.1.0"

    def test_are_verified_by_the_files_of_their_commit_whatever_became_of_them(
        self, product: Product, tmp_path: Path
    ) -> None:
        made = machine_of(product, tmp_path / "here")
        made.release(package="a")
        later = machine_of(product, tmp_path / "later")
        moved = OWN.replace(b'version = "0.0.0"', b'dynamic = ["version"]')
        moved += b'[tool.setuptools.dynamic]\nversion.file = "VERSION"\n'
        (later.outside.top / "tools" / "a" / "pyproject.toml").write_bytes(moved)
        (later.outside.top / "tools" / "a" / "VERSION").write_text("0.2.0\n")
        assert verify.release(later.outside, "a-v0.1.0", later.reporter)["tag"] == "a-v0.1.0"

    def test_are_verified_though_a_file_of_their_commit_is_not_utf8(self, product: Product, tmp_path: Path) -> None:
        text = b'[project]\nname = "acme"\ndynamic = ["version"]\n'
        script = b"from setuptools import setup\nsetup(use_scm_version=True)\n"
        files = {"pyproject.toml": text, "setup.cfg": b"[metadata]\nauthor = Ren\xe9e\n", "setup.py": script}
        product.commit("main", "build: from the tag\n", {f"tools/a/{path}": data for path, data in files.items()})
        here = machine_of(product, tmp_path / "here")
        for path, data in files.items():
            (here.outside.top / "tools" / "a" / path).write_bytes(data)
        here.release(package="a")
        assert verify.release(here.outside, "a-v0.1.0", here.reporter)["tag"] == "a-v0.1.0"
        assert here.recorder.said[-1].startswith("a-v0.1.0 is what was released: ")

    @pytest.mark.parametrize("is_detached", [True, False])
    def test_are_released_one_after_the_other_where_nobody_pulls_between(
        self, product: Product, machine: Machine, is_detached: bool
    ) -> None:
        here = product.refs["refs/heads/main"]
        machine.checkout.branch = None if is_detached else "main"
        machine.checkout.tips |= {"refs/heads/main": here, "HEAD": here}
        machine.release(package="a")
        assert machine.release()["tag"] == "v1.1.0"

    @pytest.mark.parametrize("is_detached", [True, False])
    def test_are_refused_where_somebody_has_pushed_between(
        self, product: Product, machine: Machine, is_detached: bool
    ) -> None:
        here = product.refs["refs/heads/main"]
        machine.checkout.branch = None if is_detached else "main"
        machine.checkout.tips |= {"refs/heads/main": here, "HEAD": here}
        machine.release(package="a")
        product.commit("main", "feat: of somebody\n", {"theirs.py": b""})
        with pytest.raises(Refused, match="1 problem found"):
            machine.release()

    def test_all_stand_in_the_status(self, machine: Machine) -> None:
        assert status.report(machine.outside, json=False)[-1] == (
            "package     a: nothing yet; next: 0.1.0 (1 commit on main)"
        )
        machine.release(package="a")
        [line] = status.report(machine.outside, json=True)
        assert json.loads(line)["packages"]["a"] == {
            "released": "a-v0.1.0",
            "evidence": True,
            "commits": 0,
            "next": None,
            "refused": None,
        }

    def test_need_no_project_at_the_top(self, machine: Machine) -> None:
        (machine.outside.top / "pyproject.toml").write_text("")
        assert status.report(machine.outside, json=False)[0] == "project     here"

    def test_that_are_unknown_are_refused(self, machine: Machine) -> None:
        with pytest.raises(UsageError, match="no package is named `b`"):
            machine.release(package="b")


def test_a_repository_without_a_name_has_no_status(tmp_path: Path) -> None:
    machine = Machine(Product(TRUNK), tmp_path / "here")
    (machine.outside.top / "pyproject.toml").write_text("[tool.shipit]\n")
    with pytest.raises(UsageError, match="the project has no name"):
        status.report(machine.outside, json=False)


class TestNamedVersions:
    def test_are_released_with_their_reason(self, product: Product, machine: Machine) -> None:
        assert machine.release(exact="3.0.0", reason="in step")["version"] == "3.0.0"
        assert (
            json.loads(product.read("refs/shipit/release/v3.0.0", "release.json"))["release"]["reason"] == "in step"
        )

    def test_without_one_are_refused_before_the_remote_is_asked(self, machine: Machine) -> None:
        with pytest.raises(UsageError, match="needs a reason"):
            machine.release(exact="3.0.0")


class TestMaintenance:
    @pytest.fixture
    def line(self, product: Product, machine: Machine) -> Machine:
        product.server.refs["refs/heads/1.x"] = product.server.objects.peel(product.refs["refs/tags/v1.0.0"])
        product.commit("1.x", "fix: old\n", {"old.py": b""})
        machine.checkout.branch = "1.x"
        return machine

    def test_the_branch_where_the_user_stands_is_released(self, product: Product, line: Machine) -> None:
        main = product.refs["refs/heads/main"]
        assert line.release()["tag"] == "v1.0.1"
        assert product.refs["refs/heads/main"] == main

    def test_what_leaves_the_line_is_refused(self, product: Product, line: Machine) -> None:
        product.commit("1.x", "feat!: new\n", {"new.py": b""})
        with pytest.raises(Refused, match=r"does not belong on 1\.x"):
            line.release(base="1.x")
