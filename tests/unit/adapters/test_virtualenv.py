"""What becomes of a child that builds or checks packages."""

import pytest

from shipit.adapters import process
from shipit.adapters.python.virtualenv import require_success
from shipit.errors import ExternalError


def test_a_check_that_was_killed_has_found_no_fault() -> None:
    killed = process.Finished(("twine", "check"), -9, b"Checking", "")
    with pytest.raises(ExternalError, match="`twine` was ended by signal 9") as caught:
        require_success(lambda: killed, "the metadata check found fault")
    assert caught.value.hint == "run the same command again"
    assert caught.value.evidence == ("Checking",)
