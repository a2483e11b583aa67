"""The time a release is dated with is that of SOURCE_DATE_EPOCH, else the clock's."""

import time

import pytest

from shipit.config.clock import now
from shipit.errors import UsageError


@pytest.mark.parametrize(
    ("fixed", "seconds"), [("0", 0), ("12", 12), ("0012", 12), ("253402300799", 253_402_300_799)]
)
def test_a_whole_number_of_seconds_is_the_time(fixed: str, seconds: int) -> None:
    assert now({"SOURCE_DATE_EPOCH": fixed}) == seconds


@pytest.mark.parametrize("environment", [{}, {"SOURCE_DATE_EPOCH": ""}])
def test_the_clock_is_asked_where_nothing_is_set(environment: dict[str, str]) -> None:
    assert abs(now(environment) - time.time()) < 5


@pytest.mark.parametrize(
    "fixed", ["abc", "-1", "1.5", "1e9", " 12", "12\n", "1_000", "+5", "²", "١٢", "253402300800", "9" * 5000]
)
def test_anything_else_is_a_usage_error_that_names_variable_and_value(fixed: str) -> None:
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH is not a whole number") as caught:
        now({"SOURCE_DATE_EPOCH": fixed})
    assert caught.value.evidence == (f"SOURCE_DATE_EPOCH={fixed}",)
    assert caught.value.exit_code == 2
    assert caught.value.hint
