"""`shipit changelog --write` on files of ten and more real-world shapes: one insertion at the right place, once."""

from pathlib import Path

import pytest

from tests.support.cases import numbered, set_up

SHAPES = Path(__file__).with_name("changelogs")
FOLDERS = sorted(path for path in SHAPES.iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_writing_into_a_changelog_of_this_shape_is_one_insertion_and_happens_once(
    folder: Path, tmp_path: Path
) -> None:
    stall = set_up(SHAPES, tmp_path / "stall")
    changelog = stall.top / "CHANGELOG.md"
    before = (folder / "before.md").read_bytes()
    changelog.write_bytes(before)

    written = stall.bash("-c", "shipit changelog --write")

    after = changelog.read_bytes()
    assert (written.returncode, written.stdout) == (0, b""), written.stderr.decode()
    assert numbered(after.decode(), stall) == (folder / "after.md").read_bytes().decode()
    assert is_one_insertion(before, after)
    again = stall.bash("-c", "shipit changelog --write")
    assert (again.returncode, again.stdout, changelog.read_bytes()) == (0, b"", after)
    assert b"already in the changelog" in again.stderr


def is_one_insertion(before: bytes, after: bytes) -> bool:
    """Whether something stands in `after` that, taken out, leaves `before`."""
    grown = len(after) - len(before)
    return grown > 0 and any(after[:place] + after[place + grown :] == before for place in range(len(before) + 1))


@pytest.mark.parametrize(("after", "is_one"), [(b"axb", True), (b"xab", True), (b"xaxb", False), (b"ba", False)])
def test_the_proof_of_one_insertion_can_fail(after: bytes, is_one: bool) -> None:
    assert is_one_insertion(b"ab", after) is is_one


def test_the_shapes_differ_where_files_differ() -> None:
    texts = {folder.name: (folder / "before.md").read_bytes() for folder in FOLDERS}
    assert len(FOLDERS) >= 10
    assert b"\r\n" in texts["windows-line-ends"]
    assert texts["byte-order-mark"].startswith(b"\xef\xbb\xbf")
    assert not texts["no-final-newline"].endswith(b"\n")
