"""The demo of images on a real engine and a real registry: it passes, and leaves nothing on the machine."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from examples import demo_docker, docker_engine, docker_registry

from tests.support.postgres import wait_until
from tests.support.require import require

DEMO = [sys.executable, str(Path(demo_docker.__file__))]
LIMIT = 300


def start(folder: Path, variables: Mapping[str, str] = {}) -> "subprocess.Popen[str]":
    """The demo, with this folder for its files."""
    environment = {**os.environ, "TMPDIR": str(folder), **variables}
    pipe, out = subprocess.PIPE, subprocess.STDOUT
    return subprocess.Popen(DEMO, text=True, env=environment, start_new_session=True, stdout=pipe, stderr=out)


def engines_folders(pid: int) -> Sequence[Path]:
    return [*Path("/tmp").glob(f"shipit-engine-{pid}-*")]


def left(pid: int, folder: Path) -> Sequence[str]:
    """Links, folders, mounts and processes of the demo that had this pid, with this folder for its files."""
    links = Path("/sys/class/net").glob(f"shipit{pid}-*")
    marks = (str(folder), f"shipit-engine-{pid}-")
    mounts = [line for line in Path("/proc/mounts").read_text().splitlines() if marks[1] in line]
    said = subprocess.check_output(["ps", "-eo", "args"], text=True).splitlines()
    processes = [line for line in said if any(mark in line for mark in marks)]
    return [*map(str, (*links, *engines_folders(pid), *folder.iterdir())), *mounts, *processes]


@pytest.fixture
def machine() -> None:
    require("root, for docker's engine", os.geteuid() == 0)
    require(", ".join(docker_engine.lacking()), not docker_engine.lacking())
    require(docker_registry.PACKAGE, docker_registry.program() is not None)


@pytest.mark.usefixtures("machine")
def test_both_images_are_built_pushed_and_verified_and_the_webhook_is_deployed_by_digest(tmp_path: Path) -> None:
    demo = start(tmp_path)
    said, _ = demo.communicate(timeout=LIMIT)

    assert demo.returncode == 0, said
    registry = said.partition("And what does the registry say?")[2].partition("# What would a deployment")[0]
    assert (registry.count("✓ "), "✗" in registry) == (4, False)
    answers = said.partition("And what answers?")[2]
    assert (answers.count("✓ "), "✗" in answers) == (5, False)
    assert "the webhook is deployed by its digest, and everything holds" in said
    assert left(demo.pid, tmp_path) == []


@pytest.mark.usefixtures("machine")
def test_a_demo_that_is_interrupted_leaves_nothing_behind(tmp_path: Path) -> None:
    demo = start(tmp_path)
    wait_until(lambda: any((one / "python.tar").exists() for one in engines_folders(demo.pid)), 60)
    assert any("shipit-engine" in line for line in left(demo.pid, tmp_path))

    os.killpg(demo.pid, signal.SIGINT)  # as a terminal does it
    said, _ = demo.communicate(timeout=LIMIT)

    assert demo.returncode == 130, said
    assert "Traceback" not in said
    assert left(demo.pid, tmp_path) == []


def test_what_the_machine_lacks_is_named_as_packages(tmp_path: Path) -> None:
    demo = start(tmp_path, {"PATH": str(tmp_path)})
    said, _ = demo.communicate(timeout=LIMIT)

    assert demo.returncode == 2
    assert "apt-get install" in said
    assert said.endswith("docker-registry\n")


def test_who_is_not_root_is_asked_to_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(docker_engine, "lacking", list)
    monkeypatch.setattr(docker_registry, "program", lambda: shutil.which("true"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert demo_docker.main() == 2
    assert "needs root" in capsys.readouterr().err
