"""Files that a command is asked to write: what is none, or cannot be one, is said and stays as it was."""

import os
from pathlib import Path

import pytest

from shipit.adapters import files, outputs
from shipit.errors import ExternalError, UsageError


def free(file: Path) -> Path:
    return outputs.free(file, "--html", file.parent / "elsewhere", is_tracked=lambda _: False)


def test_what_is_no_plain_file_is_not_replaced_by_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UsageError, match="pipe is no plain file"):
        free(pipe)
    with pytest.raises(OSError, match="Not a plain file"):
        files.write(pipe, b"x")
    assert pipe.is_fifo()


def test_a_file_in_the_place_of_its_folder_is_named_before_anything_is_done(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("x")
    with pytest.raises(UsageError, match="report is no folder"):
        free(tmp_path / "report" / "deep" / "x.html")


def test_a_link_to_itself_is_no_file(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to("loop")
    with pytest.raises(UsageError, match="loop is a link to itself"):
        free(loop)


def test_what_cannot_be_written_is_an_ordinary_error_with_its_cause() -> None:
    with pytest.raises(ExternalError, match=r"/proc/none/x\.html cannot be written: No such file or directory"):
        outputs.write(Path("/proc/none/x.html"), b"x")


def test_of_two_that_write_at_once_neither_takes_what_the_other_has_begun(tmp_path: Path) -> None:
    other, dead, former = (
        tmp_path / f".x.html{number}.partial" for number in (f".{os.getppid()}", ".999999999", "")
    )
    for one in (other, dead, former):
        one.write_text("half")
    outputs.write(tmp_path / "x.html", b"whole")
    assert sorted(one.name for one in tmp_path.iterdir()) == [other.name, "x.html"]
    assert (tmp_path / "x.html").read_bytes() == b"whole"
