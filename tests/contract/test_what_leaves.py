"""What leaves is what was meant: names and platforms of what was built."""

import base64
import json
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from packaging.tags import sys_tags

from shipit.adapters import process
from shipit.adapters.pypi.directory import DirectoryIndex
from shipit.adapters.pypi.index import TwineIndex
from shipit.adapters.python import attestation, trial
from shipit.adapters.python.produced import Wanted, built
from shipit.adapters.python.virtualenv import Environment, Source
from shipit.errors import Refused
from tests.support.distributions import sdist, sha256, wheel
from tests.support.pypi import Address, FaultyIndex, pypiserver

WHEEL, SDIST = "my_acme-1.1.0-py3-none-any.whl", "my_acme-1.1.0.tar.gz"
SECRET = 'sentinel/p+ss w&rd"\\9f2c'


def silent(line: str) -> None: ...


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


BEST, SECOND = (str(tag) for tag in list(sys_tags())[:2])
ELSEWHERE = "cp311-cp311-win_amd64"


class TestWhatIsTried:
    @pytest.mark.parametrize(
        ("tags", "with_sdist", "chosen"),
        [
            (["py3-none-any", BEST, ELSEWHERE], True, BEST),
            ([ELSEWHERE, SECOND, BEST, "aa0-none-any"], False, BEST),
            ([ELSEWHERE, "py2.py3-none-any"], True, "py2.py3-none-any"),
            ([ELSEWHERE], True, ".tar.gz"),
            ([], True, ".tar.gz"),
            ([ELSEWHERE, "py2-none-any"], False, None),
        ],
    )
    def test_is_what_fits_this_interpreter_best(
        self, tmp_path: Path, tags: list[str], with_sdist: bool, chosen: str | None
    ) -> None:
        dist = [tmp_path / f"my_acme-1.1.0-{tag}.whl" for tag in tags]
        found = trial.fitting([*dist, *([tmp_path / SDIST] if with_sdist else [])])
        assert found is None if chosen is None else found and found.name.removesuffix(".whl").endswith(chosen)

    def test_may_be_nothing_at_all(self, tmp_path: Path) -> None:
        environment = Environment(tmp_path / "venv", {})
        assert trial.install([wheel(tmp_path, tag=ELSEWHERE)], environment, silent, never) is None
        assert not environment.folder.exists()


def never() -> Source | None:
    raise AssertionError("the index was asked for nothing")


class Children:
    """What the children were told: every word, and every variable that was set for them."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.netrc: list[tuple[str, int]] = []
        self.variables: dict[str, str | None] = {}

    def follow(self, argv: Sequence[str], *words: Any, env: Mapping[str, str | None], **more: Any) -> Any:
        self.words += argv
        self.variables |= env
        if place := env.get("NETRC"):
            self.netrc.append((Path(place).read_text(), stat.S_IMODE(Path(place).stat().st_mode)))
        return TRUTH(argv, *words, env=env, **more)


TRUTH: Any = process.follow


class TestASiblingThatWasReleasedAMinuteAgo:
    """It is on the index that is released to, and nowhere else."""

    @pytest.fixture
    def children(self, monkeypatch: pytest.MonkeyPatch) -> Children:
        children = Children()
        monkeypatch.setattr(process, "follow", children.follow)
        return children

    @pytest.fixture
    def address(self, tmp_path: Path) -> Iterator[Address]:
        wheel(tmp_path / "served", name="my-sibling")
        with pypiserver(tmp_path / "served", password=SECRET) as address:
            yield address

    def install(self, folder: Path, source: Source | None) -> None:
        variables = {"PIP_INDEX_URL": (folder / "empty").as_uri(), "PIP_RETRIES": "0"}
        (folder / "place").mkdir()
        environment = Environment(folder / "place" / "venv", variables)
        assert trial.install([wheel(folder, needs="my-sibling>=1.1")], environment, silent, lambda: source)

    def test_is_found_in_a_directory(self, tmp_path: Path, children: Children) -> None:
        index = DirectoryIndex(tmp_path / "index")
        assert index.source("my-acme") is None
        index.upload(wheel(tmp_path, name="my-sibling"), silent)
        self.install(tmp_path, index.source("my-acme"))
        assert children.variables["PIP_REFRESH_PACKAGE"] == ":all:"

    def test_is_found_where_everybody_reads_without_any_password(
        self, tmp_path: Path, address: Address, children: Children
    ) -> None:
        index = TwineIndex(upload_url=address.upload, simple_url=address.simple, username="me", password=SECRET)
        assert index.source("my-acme") == Source(address.simple)
        self.install(tmp_path, index.source("my-acme"))
        assert children.netrc == []

    def test_is_found_where_only_members_read_and_no_child_is_told_the_password(
        self, tmp_path: Path, address: Address, children: Children, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "own").write_text("machine elsewhere.invalid login me password mine\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "own"))
        with FaultyIndex(address.url) as front:
            front.readers.add(f"Basic {base64.b64encode(f'me:{SECRET}'.encode()).decode()}")
            index = TwineIndex(
                upload_url=front.url, simple_url=f"{front.url}/simple/", username="me", password=SECRET
            )
            source = index.source("my-acme")
            assert source.login == ("me", SECRET)
            self.install(tmp_path, source)
        assert SECRET not in f"{children.words} {children.variables} {source}"
        [(text, mode)] = children.netrc
        assert text.startswith("machine elsewhere.invalid login me password mine\n")
        assert mode == 0o600
        assert not (tmp_path / "place" / "netrc").exists()

    def test_is_not_looked_for_where_nothing_is_needed(self, tmp_path: Path) -> None:
        assert trial.install([wheel(tmp_path)], Environment(tmp_path / "venv", {}), silent, never)

    def test_is_refused_where_it_is_not(self, tmp_path: Path) -> None:
        with pytest.raises(Refused, match="cannot be installed"):
            self.install(tmp_path, None)


class TestMetadata:
    def test_without_a_description_is_a_warning(self, tmp_path: Path) -> None:
        lines: list[str] = []
        warnings = trial.check_metadata(
            [wheel(tmp_path), sdist(tmp_path)], lines.append, place=tmp_path, variables={}
        )
        assert [line for line in warnings if "`long_description` missing" in line] == [warnings[-1]]
        assert any("PASSED with warnings" in line for line in lines)


def attest(file: Path, digest: str | None = None) -> Path:
    """Write an attestation of a file, as far as anybody but the index reads it."""
    subject = {"name": file.name, "digest": {"sha256": digest or sha256(file)}}
    statement = base64.b64encode(json.dumps({"subject": [subject]}).encode()).decode()
    place = file.with_name(f"{file.name}.publish.attestation")
    place.write_text(json.dumps({"version": 1, "envelope": {"statement": statement}}))
    return place


class TestAttestations:
    @pytest.fixture
    def told(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """What twine would be told; the index shows every file at once."""
        told: list[str] = []

        def follow(argv: Sequence[str], *_: Any, **__: Any) -> process.Finished:
            told.extend(argv)
            return process.Finished((), 0, b"", "")

        monkeypatch.setattr(process, "follow", follow)
        monkeypatch.setattr(TwineIndex, "_await", lambda *_: None)
        return told

    def test_that_a_build_left_are_taken_along(self, tmp_path: Path) -> None:
        dist = [wheel(tmp_path), sdist(tmp_path)]
        assert attestation.left(dist, silent) == []
        places = [attest(file) for file in dist]
        assert attestation.left(dist, silent) == places

    def test_of_another_name_are_not_left_behind_without_a_word(self, tmp_path: Path) -> None:
        lines: list[str] = []
        (tmp_path / "x.slsa.attestation").write_text("{}")
        assert attestation.left([wheel(tmp_path)], lines.append) == []
        assert lines[0].startswith("x.slsa.attestation is not uploaded")

    @pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"envelope": {"statement": "bm8="}}'])
    def test_of_other_bytes_are_refused_since_an_index_would(self, tmp_path: Path, text: str | None) -> None:
        file = wheel(tmp_path)
        place = attest(file, "00ff")
        if text is not None:
            place.write_text(text)
        with pytest.raises(Refused, match="not about the file") as caught:
            attestation.left([file], silent)
        assert caught.value.evidence == (file.name,)
        assert attestation.beside(file) is None

    def test_go_to_a_public_index_from_a_trusted_publisher(self, tmp_path: Path, told: list[str]) -> None:
        file = wheel(tmp_path)
        place = attest(file)
        TwineIndex.public("testpypi", None, None).upload(file, silent)
        assert told[-3:] == [str(file), "--attestations", str(place)]

    @pytest.mark.parametrize("kind", ["with a token", "another index"])
    def test_go_nowhere_else_and_that_is_said(self, tmp_path: Path, told: list[str], kind: str) -> None:
        file, lines = wheel(tmp_path), list[str]()
        attest(file)
        index = (
            TwineIndex.public("pypi", None, "sentinel-4711")
            if kind == "with a token"
            else TwineIndex(upload_url="https://index.invalid/", simple_url="https://index.invalid/simple/")
        )
        index.upload(file, lines.append)
        assert told[-1] == str(file)
        assert "is not uploaded: only PyPI takes attestations" in lines[0]

    def test_have_no_place_in_a_directory_and_that_is_said(self, tmp_path: Path) -> None:
        file, lines = wheel(tmp_path), list[str]()
        attest(file)
        DirectoryIndex(tmp_path / "index").upload(file, lines.append)
        assert "a directory has no place for attestations" in lines[0]
