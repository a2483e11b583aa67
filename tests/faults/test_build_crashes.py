"""SIGKILL before and after every effect of `shipit build --push`, then again: one image under all tags."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.killer import TOP, unmeasured
from tests.faults.sampling import sampled
from tests.support.acme import git
from tests.support.building import KEYS, Site, site
from tests.support.engine import Engine, engine, watched
from tests.support.registry import docker_registry
from tests.support.run import PATIENCE

EFFECTS = 8
"""of two images: built, pushed, the version put, the branch's tag moved"""
CASES = [(str(number), moment) for number in range(1, EFFECTS + 1) for moment in ("before", "after")]


@pytest.fixture(scope="module")
def running() -> Iterator[Engine]:
    with engine() as started:
        yield started


@pytest.fixture(scope="module")
def registry() -> Iterator[str]:
    with docker_registry() as root:
        yield root


@pytest.fixture
def place(running: Engine, registry: str, tmp_path: Path) -> Iterator[Site]:
    with watched(running), site(tmp_path, running, registry) as made:
        made.lay_out()
        git(made.clone, "tag", "v1.0.0")
        yield made
        made.forget_locally()


def struck(place: Site, number: int, moment: str) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-m", "tests.faults.build_runner", str(number), moment, "build", "--push", "--json"]
    environment = unmeasured({**place.environment, "PYTHONPATH": str(TOP)})
    return subprocess.run(
        words, cwd=place.clone, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def test_every_effect_is_counted(place: Site) -> None:
    ran = struck(place, 0, "before")
    assert ran.returncode == 0, ran.stderr
    assert f"effects: {EFFECTS}" in ran.stderr


@sampled(("number", "moment"), CASES, kind=lambda case: case[1], more=2)
def test_killed_at_an_effect_the_next_run_ends_with_one_image_under_all_tags(
    place: Site, number: str, moment: str
) -> None:
    ran = struck(place, int(number), moment)
    assert ran.returncode == -9, ran.stderr
    if int(number) <= len(KEYS) * 2:
        place.shipit("verify", "images").ended(6)  # no partial set is called done
    if int(number) % 2:
        place.forget_locally()  # another machine goes on

    facts = json.loads(place.shipit("build", "--push", "--json").ended(0).stdout.splitlines()[-1])["outputs"]

    for key in KEYS:
        tags = place.tags(key)
        assert set(tags) == {"develop", place.own, "v1.0.0"}
        assert {*tags.values()} == {facts[key].partition("@")[2]}
    place.shipit("verify", "images").ended(0)
    writes = list(place.writes)
    place.shipit("build", "--push").ended(0)
    assert place.writes == writes
