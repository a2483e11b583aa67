from pathlib import Path

import pytest

from tests.unit.gates_security.sample import Sample


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    return Sample(tmp_path)
