"""Where the version is written, asked before the first effect."""

import pytest

from shipit.config.guesses import Guess
from shipit.engine.plan import Problem
from shipit.release.version_places import PlacesKnown
from shipit.versioning.number import Version, parse
from tests.fakes import ADA, FakeObjects

FILES = {"pyproject.toml": b'[project]\nversion = "1.0.0"\n', "acme.py": b'__version__ = "1.0.0"\n'}
PLACE = "pyproject.toml:project.version"
SECOND = "acme.py:__version__"


def problems(
    found: Guess | None,
    files: dict[str, bytes] = FILES,
    before: Version | None = None,
    version: Version | None = None,
) -> list[Problem]:
    objects = FakeObjects()
    base = objects.commit(objects.change_tree(None, files), [], "feat: it\n", ADA, 0)
    places = PlacesKnown(guess=lambda: found, objects=objects, base=base, previous=before, version=version)
    return list(places.problems())


def guess(**more: object) -> Guess:
    given: dict[str, object] = {"files": (PLACE,), "others": (SECOND, "VERSION"), **more}
    return Guess(key="version.files", file="pyproject.toml", **given)  # type: ignore[arg-type]


def test_places_that_are_named_are_not_asked_about() -> None:
    assert problems(None) == []


def test_an_unknown_place_is_refused_with_file_reason_and_key() -> None:
    [problem] = problems(guess(doubt="the build backend own is not known to shipit", files=()))
    assert not problem.is_warning
    assert problem.evidence == "pyproject.toml: the build backend own is not known to shipit"
    assert "set version.files = [" in problem.hint


def test_a_second_place_with_the_same_version_is_a_warning_with_the_key() -> None:
    [problem] = problems(guess())
    assert problem.is_warning
    assert problem.what == f"{SECOND} keeps the version 1.0.0: nothing writes it"
    assert f'set version.files = ["{PLACE}", "{SECOND}"]' in problem.hint


def test_several_second_places_are_one_warning_with_one_key() -> None:
    [problem] = problems(guess(), {**FILES, "VERSION": b"1.0.0\n"})
    assert problem.what == f"{SECOND} and VERSION keep the version 1.0.0: nothing writes them"
    assert f'set version.files = ["{PLACE}", "{SECOND}", "VERSION"]' in problem.hint


@pytest.mark.parametrize(("version", "is_refused"), [("1.1.0", True), ("1.0.0", False)])
def test_a_place_that_the_build_reads_and_nothing_writes_is_refused(version: str, is_refused: bool) -> None:
    found = guess(files=("VERSION",), others=(PLACE,), unwritten=(PLACE,))
    seen = [one for one in problems(found, version=parse(version)) if not one.is_warning]
    assert bool(seen) is is_refused
    for one in seen:
        assert one.what == f"{PLACE} keeps the version 1.0.0: the build reads it, and nothing writes it"
        assert f'set version.files = ["VERSION", "{PLACE}"]' in one.hint


def test_beside_a_version_from_the_tag_a_file_with_that_version_is_one_as_well() -> None:
    [problem] = problems(guess(files=()), before=parse("1.0.0"))
    assert problem.evidence == "written: nothing, the tag alone holds the version"


def test_the_places_of_a_package_are_named_from_its_folder() -> None:
    files = {f"b/{path}": text for path, text in FILES.items()}
    found = Guess(key="packages.b.files", file="b/pyproject.toml", files=(f"b/{PLACE}",), others=(f"b/{SECOND}",))
    [problem] = problems(found, files)
    assert f'set packages.b.files = ["{PLACE}", "{SECOND}"]' in problem.hint


@pytest.mark.parametrize(
    "files",
    [
        {**FILES, "acme.py": b'__version__ = "0.9.0"\n'},
        {**FILES, "acme.py": b'__version__ = "0.1"\n__version__ = "1.0.0"\n'},
        {**FILES, "acme.py": b"__version__ = read()\n"},
        {**FILES, "acme.py": b"\xff"},
        {"acme.py": b'__version__ = "1.0.0"\n'},
    ],
)
def test_a_file_with_another_version_or_none_is_no_second_place(files: dict[str, bytes]) -> None:
    assert problems(guess(), files) == []
