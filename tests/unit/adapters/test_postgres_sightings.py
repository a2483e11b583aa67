"""Other sessions in words."""

import pytest

from shipit.adapters.postgres.sightings import duration, in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0 s"),
        (0.4, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (7200, "2 h"),
        (100_000, "28 h"),
        (172_800, "2 days"),
    ],
)
def test_a_duration_is_told_in_the_unit_that_a_person_would_use(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_what_is_known_of_a_session_is_told_and_what_is_hidden_left_out() -> None:
    row = (7, "shop", "ada", "10.0.0.7", "idle in transaction", 300.0, 45.0, "something else")
    told = "pid 7, application shop, user ada, from 10.0.0.7, idle in transaction, connected for 5 min"
    assert in_words(row) == f"{told}, in a transaction for 45 s"
    assert in_words((7, "", None, None, None, None, None)) == "pid 7"
