"""A project that comes from commitizen or python-semantic-release gets the answers of that tool, or hears why not.

The table and how it is extended: tests/peers/configurations.toml; what the tools answer: tests/peers/answers.json.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from shipit.versioning.number import from_pep440
from tests.peers.table import ANSWERS, Configuration, configurations, run, written

SHIPIT = [sys.executable, "-m", "shipit"]
TABLE = configurations()
RECORDED = json.loads(ANSWERS.read_text("utf-8"))["answers"]


def test_every_configuration_has_an_answer_of_its_own_tool_and_none_is_left_over() -> None:
    assert [one.name for one in TABLE] == list(RECORDED)
    assert {one.tool for one in TABLE} == {"commitizen", "semantic_release"}


@pytest.mark.parametrize("one", TABLE, ids=lambda one: one.name)
def test_shipit_answers_what_the_peer_answers_or_says_what_settles_it(one: Configuration, tmp_path: Path) -> None:
    made = one.build(tmp_path / "demo")
    ran = run([*SHIPIT, "version", "bump", *(["--pre", one.pre] if one.pre else [])], made)
    assert ran.code == 0, ran.err
    said = [line for line in ran.err.splitlines() if not line.startswith(("wrote ", "nothing to release"))]
    there = RECORDED[one.name]
    here = {"next": ran.out.strip(), "files": written(made, ran.out.strip())}
    same = here == there or (one.pre and _alike(here, there))
    assert bool(same) is not bool(one.settled), (here, there)
    wanted = one.settled or one.said
    assert bool(said) is bool(wanted), said
    assert any(wanted in line for line in said) or not wanted, said


def _alike(here: dict[str, Any], there: dict[str, Any]) -> bool:
    """Whether the version and the files are the same, however a prerelease is spelled."""
    return from_pep440(here["next"]) == from_pep440(there["next"]) and here["files"].keys() == there["files"].keys()
