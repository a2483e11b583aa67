"""Each contract on imports in pyproject.toml breaks when it is violated on purpose, and holds as the code is."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
VIOLATIONS = {
    "a slice imports another": ("release/verify.py", "shipit.migrate.recipe", "no slice imports another"),
    "a slice imports its sibling that only looks": (
        "migrate/status.py",
        "shipit.repository.clone",
        "no slice imports another",
    ),
    "the engine imports a slice": ("engine/run.py", "shipit.release.model", "imports point down only"),
    "an adapter imports a slice": ("adapters/files.py", "shipit.migrate.ports", "imports point down only"),
    "output imports an adapter": ("output/text.py", "shipit.adapters.files", "imports point down only"),
    "the ground imports the configuration": ("masking.py", "shipit.config.tables", "imports point down only"),
    "a step imports its recipe": ("release/steps/gate.py", "shipit.release.recipe", "within a slice"),
    "a port imports a step": ("migrate/ports/around.py", "shipit.migrate.steps.connection", "within a slice"),
    "a step imports an adapter": ("release/steps/source.py", "shipit.adapters.git.run", "adapters are known"),
    "a gate imports an adapter": ("gates/runner.py", "shipit.adapters.process", "adapters are known"),
    "the configuration imports a heavy library": ("config/sources.py", "httpx", "heavy libraries"),
    "a step imports git": ("release/steps/lock.py", "git", "heavy libraries"),
    "the engine draws": ("engine/run.py", "rich.table", "rich is for output"),
}


def lint(top: Path) -> tuple[int, str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(
        command, cwd=top, env={"PYTHONPATH": str(top / "src"), "COLUMNS": "200"}, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(TOP / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(TOP / "pyproject.toml", tmp_path)
    return tmp_path


def test_they_hold_as_the_code_is(copy: Path) -> None:
    code, said = lint(copy)
    assert code == 0, said


@pytest.mark.parametrize(("where", "imported", "contract"), VIOLATIONS.values(), ids=VIOLATIONS.keys())
def test_each_breaks_when_it_is_violated(copy: Path, where: str, imported: str, contract: str) -> None:
    path = copy / "src" / "shipit" / where
    path.write_text(f"{path.read_text('utf-8')}\nimport {imported}\n", "utf-8")
    code, said = lint(copy)
    assert code == 1, said
    broken = " ".join(said.partition("Contracts:")[0].split())
    assert any(f"{contract}" in part for part in broken.split("BROKEN")[:-1]), said
