"""What leaves is what was meant: names and platforms of what was built."""

from pathlib import Path

import pytest

from shipit.adapters.python.produced import Wanted, built
from shipit.errors import Refused

WHEEL, SDIST = "my_acme-1.1.0-py3-none-any.whl", "my_acme-1.1.0.tar.gz"


def platform(tag: str) -> str:
    return f"my_acme-1.1.0-cp311-cp311-{tag}.whl"


def build(folder: Path, *names: str, project: str = "My.Acme", public: bool = False) -> list[str]:
    """Lay files down as a build would, and list those that may leave."""
    for name in names:
        (folder / name).write_bytes(b"")
    return [path.name for path in built(folder, Wanted(project=project, version="1.1.0", public=public))]


class TestNames:
    @pytest.mark.parametrize("project", ["my-acme", "My.Acme", "MY__acme"])
    def test_compare_however_they_are_spelled(self, tmp_path: Path, project: str) -> None:
        assert build(tmp_path, WHEEL, SDIST, "notes.txt", project=project) == [WHEEL, SDIST]

    @pytest.mark.parametrize(
        ("names", "fault"),
        [
            (["acme-1.1.0-py3-none-any.whl"], "is of the project acme, the release is of My.Acme"),
            (["acme-1.1.0.tar.gz"], "is of the project acme, the release is of My.Acme"),
            ([WHEEL, "other-1.1.0-py3-none-any.whl"], "other-1.1.0-py3-none-any.whl is of the project other"),
            ([WHEEL, "my_acme-1.0.0.tar.gz"], "has version 1.0.0, the release is 1.1.0"),
            (["my-acme-1.1.0.tar.gz"], "is not named as PEP 625 asks"),
            (["my_acme-1.1.0.zip"], "is not named as PEP 625 asks"),
        ],
    )
    def test_of_another_project_or_version_are_refused(self, tmp_path: Path, names: list[str], fault: str) -> None:
        with pytest.raises(Refused, match="not what is released") as caught:
            build(tmp_path, *names)
        assert len(caught.value.evidence) == 1
        assert fault in caught.value.evidence[0]

    def test_that_are_wrong_twice_are_named_twice(self, tmp_path: Path) -> None:
        with pytest.raises(Refused) as caught:
            build(tmp_path, "acme-1.0.0.tar.gz")
        assert len(caught.value.evidence) == 2
        assert "`name` in [tool.shipit]" in str(caught.value.hint)

    def test_nothing_built_is_refused_with_what_is_there(self, tmp_path: Path) -> None:
        with pytest.raises(Refused, match="neither wheel nor sdist") as caught:
            build(tmp_path, "notes.txt")
        assert caught.value.evidence == ("notes.txt",)


class TestPlatforms:
    @pytest.mark.parametrize(
        "tag",
        [
            "manylinux_2_28_x86_64",
            "manylinux_2_17_x86_64.manylinux2014_x86_64",
            "manylinux1_i686",
            "musllinux_1_2_aarch64",
            "macosx_11_0_arm64",
            "macosx_10_9_universal2",
            "win32",
            "win_amd64",
            "win_arm64",
            "linux_armv7l",
            "ios_13_0_arm64_iphoneos",
            "android_21_arm64_v8a",
            "pyodide_2025_0_wasm32",
        ],
    )
    def test_that_the_public_index_takes_may_leave(self, tmp_path: Path, tag: str) -> None:
        assert build(tmp_path, platform(tag), public=True) == [platform(tag)]

    @pytest.mark.parametrize(
        "tag", ["linux_x86_64", "linux_aarch64", "freebsd_14_0_release_amd64", "manylinux_2_17_x86_64.linux_x86_64"]
    )
    def test_that_the_public_index_refuses_are_refused_before_anything(self, tmp_path: Path, tag: str) -> None:
        with pytest.raises(Refused, match="not what is released") as caught:
            build(tmp_path, WHEEL, SDIST, platform(tag), public=True)
        assert "which the public index refuses" in caught.value.evidence[0]
        assert "auditwheel" in str(caught.value.hint)

    def test_are_the_own_business_of_any_other_index(self, tmp_path: Path) -> None:
        assert build(tmp_path, platform("linux_x86_64")) == [platform("linux_x86_64")]
