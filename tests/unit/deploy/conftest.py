"""An environment with nothing deployed, and one where 1.0.0 is live."""

from pathlib import Path

import pytest

from tests.unit.deploy.scene import Machine, Scene


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = Scene(tmp_path)
    made.commit("1.0.0")
    return made


@pytest.fixture
def machine(scene: Scene) -> Machine:
    return scene.machine()


@pytest.fixture
def live(scene: Scene) -> Scene:
    """1.0.0 is deployed, and 1.1.0 waits on develop."""
    scene.machine().deploy()
    scene.commit("1.1.0")
    return scene
