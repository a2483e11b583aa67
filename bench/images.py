"""What `shipit build` costs: nothing to do for ten images, and two builders that take their time.

    python bench/images.py [--images 10] [--seconds 3] [--rounds 5]

The registry is Debian's `docker-registry`, which must be installed. `docker` is a script that answers as the engine
does and sleeps where it would build: what is measured is shipit, and that builders run side by side.

Prints Markdown.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.history import Run, run
from tests.support.registry import docker_registry
from tests.support.registry_images import Pusher, image

SHIPIT = str(Path(sys.executable).parent / "shipit")
TIMEOUT = 300.0  # seconds
REVISION = "org.opencontainers.image.revision"
DOCKER = """#!/bin/sh
keep() { # keep ARGUMENT…: the labels of an image, for the run that builds it
  labels=""
  for word in "$@"; do
    case $word in
      --tag=*) name=$(echo "${word#--tag=}" | tr /: --) ;;
      --label=*) word=${word#--label=}; labels="$labels,\\"${word%%=*}\\":\\"${word#*=}\\"" ;;
    esac
  done
  echo "{\\"Labels\\":{${labels#,}}}" >"FOLDER/$PPID-$name"
}
case "$1 $2" in
  "version "*) echo '{"Version": "20.10.24", "ApiVersion": "1.41"}' ;;
  "buildx "*) exit 1 ;;
  "image "*)
    cat "FOLDER/$PPID-$(echo "$5" | tr /: --)" 2>/dev/null && exit 0
    echo "Error: No such image" >&2
    exit 1
    ;;
  "build "*) sleep SECONDS && keep "$@" ;;
esac
"""
PYPROJECT = """[project]
name = "small"
version = "1.0.0"

[tool.shipit]
version.files = ["pyproject.toml:project.version"]
forge.kind = "none"
branches.develop = "develop"

[tool.shipit.registry]
host = "{host}"
namespace = "small"

[tool.shipit.images]
"""


def lay_out(folder: Path, host: str, names: list[str]) -> str:
    """A repository with these images; returns its commit."""
    git("init", "--quiet", "--initial-branch=develop", str(folder), at=folder.parent)
    (folder / "Dockerfile").write_text("FROM scratch\n")
    rows = "".join(f'{name} = {{ file = "Dockerfile" }}\n' for name in names)
    (folder / "pyproject.toml").write_text(PYPROJECT.format(host=host) + rows)
    git("add", ".", at=folder)
    git(
        "-c",
        "user.name=Ada",
        "-c",
        "user.email=ada@acme.example",
        "commit",
        "--quiet",
        "-m",
        "feat: begin",
        at=folder,
    )
    git("config", "user.name", "Ada", at=folder)
    git("config", "user.email", "ada@acme.example", at=folder)
    return git("rev-parse", "HEAD", at=folder)


def git(*words: str, at: Path) -> str:
    return subprocess.run(("git", *words), cwd=at, check=True, capture_output=True, text=True).stdout.strip()


def measured(argv: tuple[str, ...], folder: Path, rounds: int, programs: Path) -> list[Run]:
    """The first turn only warms the disk cache."""
    path = {"PATH": f"{programs}:{os.environ['PATH']}"}
    runs = [run(argv, folder, TIMEOUT, path) for _ in range(rounds + 1)][1:]
    failed = [one.problem for one in runs if one.problem]
    if failed:
        sys.exit(f"{' '.join(argv)}: {failed[0]}")
    return runs


def median(runs: list[Run], what: str) -> float:
    return statistics.median(getattr(one, what) for one in runs)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    names = [f"image-{number}" for number in range(asked.images)]
    with tempfile.TemporaryDirectory() as name, docker_registry() as root:
        folder = Path(name) / "small"
        (Path(name) / "bin").mkdir()
        docker = Path(name) / "bin" / "docker"
        docker.write_text(DOCKER.replace("SECONDS", str(asked.seconds)).replace("FOLDER", name))
        docker.chmod(0o755)
        commit = lay_out(folder, root.removeprefix("http://"), names)
        for one in names:
            made = image(one, labels={REVISION: commit})
            Pusher(root).push(f"small/{one}", made, "develop", f"develop-{commit[:9]}")
        idle = measured((SHIPIT, "build", "--push"), folder, asked.rounds, docker.parent)
        floor = measured((sys.executable, "-c", "import typer, httpx, git"), folder, asked.rounds, docker.parent)
        one = measured((SHIPIT, "build", names[0]), folder, asked.rounds, docker.parent)
        two = measured((SHIPIT, "build", *names[:2]), folder, asked.rounds, docker.parent)
    print(f"{asked.images} images, builders that take {asked.seconds:g} s; medians of {asked.rounds} runs.\n")
    print("| what | CPU s | wall s |\n|---|---:|---:|")
    rows = {
        f"`shipit build --push`, all {asked.images} are in the registry": idle,
        "`import typer, httpx, git` (the floor)": floor,
        "`shipit build` of one image": one,
        "`shipit build` of two images": two,
    }
    for title, runs in rows.items():
        print(f"| {title} | {median(runs, 'cpu'):.2f} | {median(runs, 'wall'):.2f} |")
    share = median(two, "wall") / (2 * median(one, "wall"))
    print(f"\nTwo images took {share:.2f} of the time of one after the other.")


if __name__ == "__main__":
    main()
