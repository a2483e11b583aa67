"""Tests of migrations on real databases."""

import pytest

pytest.register_assert_rewrite(
    f"{__name__}.promises", f"{__name__}.promises_of_data", f"{__name__}.promises_of_runs"
)
