"""The variables by which a build knows its version: those of this project, and no other's."""

from pathlib import Path

import pytest

from shipit.adapters.python.build_versions import build_variables, release_variables, requirements
from shipit.errors import Refused

GENERAL = "SETUPTOOLS_SCM_PRETEND_VERSION"


def lay(folder: Path, *requires: str) -> Path:
    (folder / "pyproject.toml").write_text(f"[build-system]\nrequires = {[*requires]!r}\n")
    return folder


def test_a_command_of_a_release_sees_no_version_that_dependencies_would_take_for_theirs() -> None:
    found = release_variables("1.1.0-rc.1", 7)
    assert found == {GENERAL: None, "SOURCE_DATE_EPOCH": "7", "SHIPIT_VERSION": "1.1.0-rc.1"}


@pytest.mark.parametrize("name", ["my-acme.tools", "My_Acme..Tools", "MY.ACME__tools"])
def test_the_build_sees_that_of_its_own_project(tmp_path: Path, name: str) -> None:
    found = build_variables(name, "1.1.0rc1", lay(tmp_path, "setuptools", "setuptools-scm"))
    assert found[f"{GENERAL}_FOR_MY_ACME_TOOLS"] == "1.1.0rc1"
    assert GENERAL not in found


@pytest.mark.parametrize("requirement", ["hatch-vcs", "hatch_vcs>=0.4", "Hatch.VCS ; python_version > '3'"])
def test_hatch_vcs_heeds_only_the_general_one(tmp_path: Path, requirement: str) -> None:
    assert build_variables("acme", "1.1.0", lay(tmp_path, "hatchling", requirement))[GENERAL] == "1.1.0"


def test_another_plugin_with_a_name_that_begins_alike_is_not_hatch_vcs(tmp_path: Path) -> None:
    assert GENERAL not in build_variables("acme", "1.1.0", lay(tmp_path, "hatch-vcs-more"))


def test_without_a_pyproject_the_usual_is_required(tmp_path: Path) -> None:
    assert requirements(tmp_path) == ["setuptools >= 40.8.0", "wheel"]
    (tmp_path / "pyproject.toml").write_text("[")
    with pytest.raises(Refused, match="cannot be read"):
        requirements(tmp_path)
