"""A disk that refuses is no bug of shipit: the run is refused or rolled back, and says what the cause is."""

import hashlib
import os
import re
import shutil
from pathlib import Path

from tests.support.place import NO_FORGE, Place, Stage

DIRECTORY = '\n[tool.shipit.index]\npath = "../index"\n'
PLACES = ("", "journal", "releases", "work")


def clones(place: Place) -> Path:
    """Where the private clones of this repository lie."""
    folder = (place.clone / ".git").resolve()
    return place.state / "shipit" / hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]


def hold_up(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("in the way")


def test_a_file_in_the_place_of_a_folder_of_shipit_is_named(theatre: Stage) -> None:
    place = theatre.place(DIRECTORY + NO_FORGE, work_in_hand=False)
    before, folder = place.outside(), place.clone / ".git" / "shipit"

    for name in PLACES:
        shutil.rmtree(folder, ignore_errors=True)
        hold_up(folder / name)
        ran = place.shipit("release", "--type", "minor")
        assert ran.code in {4, 7}, ran.said
        assert "bug" not in ran.said
        assert re.search("File exists|Not a directory", ran.said)
        assert "hint: something else stands where shipit keeps a file or a folder: move it away" in ran.said
        assert "disk space" not in ran.said
        assert place.outside() == before
        (folder / name).unlink()

    place.shipit("release", "--type", "minor").ended(0)
    theatre.clear(place)


def test_a_file_in_the_place_of_the_private_clones_is_named(theatre: Stage) -> None:
    place = theatre.place(DIRECTORY + NO_FORGE, work_in_hand=False)
    before = place.outside()
    hold_up(clones(place))

    ran = place.shipit("release", "--type", "minor")

    assert ran.code in {4, 7}, ran.said
    assert str(clones(place)) in ran.said
    assert "bug" not in ran.said
    assert place.outside() == before
    clones(place).unlink()
    place.shipit("release", "--type", "minor").ended(0)
    theatre.clear(place)


def test_the_proof_of_a_release_on_such_a_disk_is_refused(theatre: Stage) -> None:
    place = theatre.place(DIRECTORY + NO_FORGE, work_in_hand=False)
    place.shipit("release", "--type", "minor").ended(0)
    other = place.fresh_clone()
    path = other / ".git" / "shipit"

    for words in (("verify", "release", "v1.1.0"), ("release",)):
        shutil.rmtree(path, ignore_errors=True)
        hold_up(path)
        ran = place.shipit(*words, where=other).ended(4)
        assert "File exists" in ran.said or "Not a directory" in ran.said
        assert "bug" not in ran.said
        path.unlink()
        place.shipit(*words, where=other).ended(0)
    theatre.clear(place)
