"""Words about numbers."""

import pytest

from shipit.migrations.wording import counted


@pytest.mark.parametrize(("number", "said"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1234, "1,234 rows")])
def test_one_is_not_several(number: int, said: str) -> None:
    assert counted(number, "row") == said
