"""Parts that a machine may lack: a test that needs one says its name, and is skipped or fails."""

import os

import pytest


def require(name: str, present: bool) -> None:
    """Skip the test for want of a part; with SHIPIT_TEST_REQUIRE=all a missing part is a failure."""
    if present:
        return
    if os.environ.get("SHIPIT_TEST_REQUIRE") == "all":
        pytest.fail(f"SHIPIT_TEST_REQUIRE=all, but this is missing: {name}", pytrace=False)
    pytest.skip(f"missing: {name}")
