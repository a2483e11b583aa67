"""What a release says where another tool would release something else, and the files that mention the version."""

from pathlib import Path

import pytest

from shipit.errors import Refused
from tests.unit.memory import TRUNK, Machine, Product

PSR = (
    '[tool.semantic_release]\nbuild_command = "make dist"\n'
    'branches.next.match = "next"\nbranches.next.prerelease = true\n'
)
WHY, PLACE = "since version_toml is not set", "pyproject.toml:project.version"
CZ = (
    '[tool.commitizen]\ntag_format = "v$version"\nversion_provider = "pep621"\n'
    'version_files = ["README.md", "acme.py:LAST"]\n'
)


def released(settings: str, files: dict[str, bytes], folder: Path, **options: object) -> tuple[Product, Machine]:
    product = Product(settings)
    if files:
        product.commit("main", "docs: more files\n", files)
    machine = Machine(product, folder)
    machine.release(**options)
    return product, machine


def test_each_difference_is_said_once(tmp_path: Path) -> None:
    _, machine = released(TRUNK + PSR, {}, tmp_path, dry_run=True)
    said = [line for line in machine.recorder.said if "semantic" in line]
    assert said == [
        "tool.semantic_release.build_command is not taken over: shipit has no such setting; set distribution.run",
        f"python-semantic-release writes no version file, {WHY}; shipit writes {PLACE}: set version.files",
        "python-semantic-release releases nothing from main, which no group of its branches has: set branches.main",
    ]


def test_of_a_package_only_what_is_not_taken_over_is_said(tmp_path: Path) -> None:
    settings = TRUNK + 'packages.a = {{ path = "tools/a" }}\n' + PSR
    own = b'[project]\nname = "a"\nversion = "0.0.0"\n'
    product = Product(settings)
    product.commit("main", "feat: a tool\n", {"tools/a/pyproject.toml": own})
    machine = Machine(product, tmp_path)
    (tmp_path / "tools" / "a").mkdir(parents=True)
    (tmp_path / "tools" / "a" / "pyproject.toml").write_bytes(own)
    machine.release(package="a", dry_run=True)
    assert [line for line in machine.recorder.said if "semantic" in line] == [
        "tool.semantic_release.build_command is not taken over: shipit has no such setting; set distribution.run"
    ]


def test_without_another_tool_nothing_is_said(tmp_path: Path) -> None:
    _, machine = released(TRUNK, {}, tmp_path, dry_run=True)
    assert not [line for line in machine.recorder.said if "semantic" in line or "commitizen" in line]


def test_what_mentions_the_version_is_in_the_release(tmp_path: Path) -> None:
    files = {"README.md": b"acme 1.0.0 of 11.0.0\n", "acme.py": b"LAST = '1.0.0' # 1.0.0\nFIRST = '1.0.0'\n"}
    product, machine = released(TRUNK + CZ, files, tmp_path)
    assert product.read("refs/heads/main", "README.md") == "acme 1.1.0 of 11.0.0\n"
    assert "FIRST = '1.0.0'" in product.read("refs/heads/main", "acme.py")
    assert "LAST = '1.1.0'" in product.read("refs/heads/main", "acme.py")
    assert not [line for line in machine.recorder.said if "version.mentions" in line]


def test_a_mention_that_finds_nothing_is_named(tmp_path: Path) -> None:
    own = TRUNK + 'version.mentions = ["README.md"]\n'
    _, machine = released(own, {"README.md": b"acme 0.9.0\n"}, tmp_path, dry_run=True)
    assert "README.md: 1.0.0 does not stand there; correct version.mentions" in machine.recorder.said


def test_a_mention_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"docs/a\.md is not there, but version\.mentions names it"):
        released(TRUNK + 'version.mentions = ["docs/a.md"]\n', {}, tmp_path)


def test_a_prerelease_that_was_asked_for_is_compared_as_one(tmp_path: Path) -> None:
    cz = '[tool.commitizen]\ntag_format = "v$version"\nversion_provider = "pep621"\n'
    _, machine = released(TRUNK + cz, {}, tmp_path, dry_run=True, pre="rc")
    assert [line for line in machine.recorder.said if "commitizen" in line] == [
        'commitizen would name it 1.1.0rc0, shipit names it 1.1.0-rc.1: use --as 1.1.0-rc.0 --reason "…"'
    ]
