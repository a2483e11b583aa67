"""The version in all files of a project at once, read from any source of texts."""

import pytest

from shipit.errors import Refused, UsageError
from shipit.versioning.version_files import levelled, present, rewritten, versions

PYPROJECT = '[project]\nname = "acme"\nversion = "1.0.0"\n'
FILES = {"pyproject.toml": PYPROJECT, "acme.py": '__version__ = "1.0.0"\n'}
LOCK = (
    'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n\n'
    '[[package]]\nname = "acme"\nversion = "1.0.0"\nsource = { editable = "." }\n'
)
LOCATIONS = ("pyproject.toml:project.version", "acme.py:__version__")


def test_each_location_is_read() -> None:
    assert {place: str(found) for place, found in versions(LOCATIONS, FILES.get).items()} == {
        "pyproject.toml:project.version": "1.0.0",
        "acme.py:__version__": "1.0.0",
    }


def test_a_location_is_present_if_its_file_is_there_and_holds_a_version() -> None:
    assert present((*LOCATIONS, "other.py:__version__", "acme.py:VERSION"), FILES.get) == list(LOCATIONS)


def test_a_file_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(Refused, match=r"gone\.py is not there, but version\.files names it"):
        versions(("gone.py:__version__",), FILES.get)


def test_what_is_no_version_is_refused_with_its_location() -> None:
    with pytest.raises(UsageError) as caught:
        versions(("acme.py:__version__",), {"acme.py": '__version__ = "1!1.0.0"\n'}.get)
    assert caught.value.where == "acme.py:__version__"


def test_all_files_are_rewritten_and_the_lock_file_with_them() -> None:
    found = rewritten(LOCATIONS, {**FILES, "uv.lock": LOCK}.get, "1.1.0-rc.1")
    assert found == {
        "pyproject.toml": PYPROJECT.replace("1.0.0", "1.1.0rc1"),
        "acme.py": '__version__ = "1.1.0rc1"\n',
        "uv.lock": LOCK.replace('"1.0.0"', '"1.1.0rc1"'),
    }


def test_two_locations_in_one_file_are_both_rewritten() -> None:
    text = 'A = "1.0.0"\nB = "1.0.0"\n'
    found = rewritten(("v.txt:A", "v.txt:B"), {"v.txt": text}.get, "2.0.0")
    assert found == {"v.txt": text.replace("1.0.0", "2.0.0")}


def test_the_lock_file_of_a_project_in_the_top_folder_has_one_path() -> None:
    files = {**FILES, "uv.lock": LOCK, "./uv.lock": LOCK}
    found = rewritten(LOCATIONS[:1], files.get, "1.1.0")
    assert list(found) == ["pyproject.toml", "uv.lock"]


def test_a_place_that_no_lock_file_repeats_leaves_it_alone() -> None:
    found = rewritten(LOCATIONS[1:], {**FILES, "uv.lock": "no lock"}.get, "1.1.0")
    assert found == {"acme.py": '__version__ = "1.1.0"\n'}


class TestLevelled:
    def test_gives_only_what_has_another_version(self) -> None:
        files = {**FILES, "uv.lock": LOCK, "acme.py": '__version__ = "1.1"\n'}
        found = levelled(LOCATIONS, files.get, "1.1.0")
        assert found.texts == {
            "pyproject.toml": PYPROJECT.replace("1.0.0", "1.1.0"),
            "uv.lock": LOCK.replace('"1.0.0"', '"1.1.0"'),
        }
        assert found.unreadable == frozenset()

    def test_takes_each_file_for_itself(self) -> None:
        files = {"acme.py": "nothing\n", "uv.lock": LOCK * 2}
        found = levelled(LOCATIONS, files.get, "1.1.0")
        assert found.texts == {}
        assert found.unreadable == {"acme.py", "uv.lock"}

    def test_writes_two_places_of_one_file(self) -> None:
        text = 'A = "1.0.0"\nB = "1.0.0"\n'
        found = levelled(("v.txt:A", "v.txt:B"), {"v.txt": text}.get, "2.0.0")
        assert found.texts == {"v.txt": text.replace("1.0.0", "2.0.0")}
