"""CPU time, wall time and memory of version and changelog on a large history: shipit, its peers, and the floor.

    python bench/history.py [--commits 100000] [--tags 1000] [--rounds 5] [--timeout 600] [--peers FOLDER]

The repository is made with git fast-import, the same for the same numbers, and kept in the temporary folder. Rows
take turns, so that a machine that is busy for a while spoils a round and not a row; a row that takes more than a
minute runs once. `--peers` is the folder with the peers' programs; those of npm are in `node` beside it. LAST is
the last tag. Prints Markdown.
"""

import argparse
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

SHIPIT = str(Path(sys.executable).parent / "shipit")
FORMAT = "--format=%H%x00%P%x00%aN%x00%aE%x00%at%x00%B"
SLOW = 60.0  # seconds
TYPES = ("feat", "fix", "docs", "chore", "refactor", "perf", "test", "ci", "build", "style")
SCOPES = ("", "", "api", "core", "cli", "ui", "db")
WORDS = (
    "add",
    "remove",
    "update",
    "handle",
    "parse",
    "retry",
    "cache",
    "stream",
    "index",
    "token",
    "value",
    "error",
)
PYPROJECT = """[project]
name = "big"
version = "1.0.0"

[tool.commitizen]
name = "cz_conventional_commits"
version_provider = "scm"
tag_format = "v$version"

[tool.semantic_release]
tag_format = "v{version}"
"""
CHECKS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "The next version": {
        "shipit version --next": (SHIPIT, "version", "--next"),
        "git-cliff --bumped-version": ("git-cliff", "--bumped-version"),
        "semantic-release --noop version --print": ("semantic-release", "--noop", "version", "--print"),
        "cz bump --get-next --yes": ("cz", "bump", "--get-next", "--yes"),
    },
    "What is not released yet": {
        "shipit changelog --unreleased": (SHIPIT, "changelog", "--unreleased"),
        "git-cliff --unreleased": ("git-cliff", "--unreleased"),
        "cz changelog --dry-run --start-rev LAST": ("cz", "changelog", "--dry-run", "--start-rev", "LAST"),
        "conventional-changelog -p angular": ("conventional-changelog", "-p", "angular"),
    },
    "The whole changelog": {
        "shipit changelog --all": (SHIPIT, "changelog", "--all"),
        "git log of the same range (the floor)": ("git", "log", FORMAT, "HEAD"),
        "git-cliff": ("git-cliff",),
        "semantic-release --noop changelog": ("semantic-release", "--noop", "changelog"),
        "cz changelog --dry-run": ("cz", "changelog", "--dry-run"),
    },
}
WITH_BRANCHES: Mapping[str, Mapping[str, Sequence[str]]] = {
    "The whole changelog of a history with merges and reverts": {
        name: CHECKS["The whole changelog"][name]
        for name in ("shipit changelog --all", "git log of the same range (the floor)")
    },
}

PACKAGES = 50
OF_PACKAGES: Mapping[str, Mapping[str, Sequence[str]]] = {
    f"The next version of one and of {PACKAGES} packages, 5,000 commits": {
        "shipit version --next --package p1": (SHIPIT, "version", "--next", "--package", "p1"),
        "shipit version --next --all-packages": (SHIPIT, "version", "--next", "--all-packages"),
    },
}


@dataclass(frozen=True)
class Run:
    """One run: seconds of user and system time and of wall time, megabytes of the largest process."""

    cpu: float
    wall: float
    memory: float
    problem: str = ""


@dataclass
class Row:
    """All runs of one command; `over` once it is too slow or failed."""

    name: str
    argv: Sequence[str]
    runs: list[Run] = field(default_factory=list)
    over: bool = False

    @property
    def problem(self) -> str:
        return self.runs[-1].problem

    def median(self, what: str) -> float:
        return statistics.median(getattr(run, what) for run in self.runs)


def messages(random: Random, count: int) -> Iterator[str]:
    for _ in range(count):
        kind, scope = random.choice(TYPES), random.choice(SCOPES)
        mark = "!" if random.random() < 0.002 else ""
        header = f"{kind}{f'({scope})' if scope else ''}{mark}: {_words(random, random.randint(3, 8))}"
        body = (
            ""
            if random.random() < 0.6
            else "\n\n" + "\n".join(_words(random, 10) for _ in range(random.randint(1, 6)))
        )
        footer = f"\n\nRefs: #{random.randint(1, 9999)}" if random.random() < 0.15 else ""
        yield header + body + footer


def _words(random: Random, count: int) -> str:
    return " ".join(random.choices(WORDS, k=count))


def stream(commits: int, tags: int, *, branches: bool) -> Iterator[str]:
    """What git fast-import reads; `branches` merges every tenth commit from a branch and reverts one in 200."""
    random = Random(7)
    every, minor = commits // tags, 0
    pyproject = PYPROJECT.encode()
    yield f"blob\nmark :1\ndata {len(pyproject)}\n{PYPROJECT}\n"
    yield "blob\nmark :2\ndata 2\nx\n"
    before: list[str] = []
    for number, plain in enumerate(messages(random, commits), start=1):
        merge = branches and number % 10 == 0
        message = plain
        if merge:
            message = f"Merge pull request #{number} from acme/branch\n\nwords of the branch"
        elif branches and number % 200 == 77:
            message = f'Revert "{before[-3]}"'
        before = [*before[-9:], message.partition("\n")[0]]
        yield from _commit(number, message, random.randint(1, 300), merge=merge)
        if number % every == 0 and number < commits:
            minor += 1
            when = _time(number)
            yield f"tag v1.{minor}.0\nfrom :{number + 2}\ntagger A <a@example.com> {when} +0000\ndata 3\nrel\n"


def _commit(number: int, message: str, author: int, *, merge: bool) -> Iterator[str]:
    data = message.encode()
    yield f"commit refs/heads/main\nmark :{number + 2}\n"
    yield f"author A{author} <a{author}@example.com> {_time(number)} +0000\n"
    yield f"committer A <a@example.com> {_time(number)} +0000\ndata {len(data)}\n{message}\n"
    if number > 1:
        # a merge joins what came in before the last commit with it: the last one was made on a branch
        yield f"from :{number + (0 if merge else 1)}\n"
    if merge:
        yield f"merge :{number + 1}\n"
    yield "M 100644 :1 pyproject.toml\n" if number == 1 else f"M 100644 :2 f{number % 50}\n"


def _time(number: int) -> int:
    return 1_300_000_000 + 600 * number


def repository(commits: int, tags: int, *, branches: bool) -> Path:
    """The repository, made if it is not there yet."""
    name = f"shipit-bench-{commits}-{tags}{'-branches' if branches else ''}"
    return _imported(name, stream(commits, tags, branches=branches))


def packages(commits: int) -> Path:
    """A repository of many packages, all released at its first commit, each commit in one of them."""
    return _imported(f"shipit-bench-{commits}-of-{PACKAGES}-packages", _stream_of_packages(commits))


def _stream_of_packages(commits: int) -> Iterator[str]:
    random = Random(7)
    names = [f"p{number}" for number in range(PACKAGES)]
    settings = "[tool.shipit]\n" + "".join(f'packages.{name}.path = "packages/{name}"\n' for name in names)
    files = {"pyproject.toml": settings}
    files |= {
        f"packages/{name}/pyproject.toml": f'[project]\nname = "{name}"\nversion = "1.0.0"\n' for name in names
    }
    yield _plain_commit(1, "feat: begin", files)
    for name in names:
        yield f"tag {name}-v1.0.0\nfrom :1\ntagger A <a@example.com> {_time(1)} +0000\ndata 3\nrel\n"
    for number, message in enumerate(messages(random, commits), start=2):
        yield _plain_commit(number, message, {f"packages/{random.choice(names)}/f{number % 9}": f"{number}\n"})


def _plain_commit(number: int, message: str, files: Mapping[str, str]) -> str:
    head = f"commit refs/heads/main\nmark :{number}\ncommitter A <a@example.com> {_time(number)} +0000\n"
    changes = [f"M 100644 inline {path}\ndata {len(text)}\n{text}\n" for path, text in files.items()]
    return "".join([head, f"data {len(message)}\n{message}\n", *changes])


def _imported(name: str, lines: Iterator[str]) -> Path:
    top = Path(tempfile.gettempdir()) / name
    if (top / "ready").exists():
        return top
    top.mkdir(exist_ok=True)
    git = ("git", "-C", str(top))
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main"], check=True)
    # piece by piece: what this process has in memory when it forks counts as memory of the child
    with subprocess.Popen([*git, "fast-import", "--quiet"], stdin=subprocess.PIPE, text=True) as importer:
        importer.stdin.writelines(lines)
    if importer.returncode:
        sys.exit("git fast-import failed")
    subprocess.run([*git, "remote", "add", "origin", "https://github.com/acme/big.git"], check=True)
    subprocess.run([*git, "reset", "--quiet", "--hard"], check=True)
    (top / ".git" / "info" / "exclude").write_text("ready\n")
    (top / "ready").touch()
    return top


def _last_tag(folder: Path) -> str:
    asked = ["git", "-C", str(folder), "describe", "--tags", "--abbrev=0"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def run(argv: Sequence[str], folder: Path, timeout: float, more: Mapping[str, str] | None = None) -> Run:
    """Run it once; `more` is added to the environment."""
    environment = {**os.environ, "NO_COLOR": "1", "GIT_TERMINAL_PROMPT": "0", **(more or {})}
    started = time.perf_counter()
    with tempfile.TemporaryFile() as err:
        try:
            child = subprocess.Popen(
                argv,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=err,
                start_new_session=True,
            )
        except FileNotFoundError:
            return Run(0, 0, 0, "not installed")
        watch = threading.Timer(timeout, os.killpg, (child.pid, signal.SIGKILL))
        watch.start()
        _, status, usage = os.wait4(child.pid, 0)
        watch.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - started
        err.seek(0)
        said = err.read().decode(errors="replace").strip().splitlines()
    problem = ""
    if child.returncode == -signal.SIGKILL and wall >= timeout:
        problem = f"stopped after {timeout:.0f} s"
    elif child.returncode:
        problem = f"failed with exit code {child.returncode}: {_plain(said[-1]) if said else ''}"
    return Run(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, problem)


def _plain(line: str) -> str:
    """A line without colours and without what would end a cell of the table."""
    return re.sub(r"\x1b\[[0-9;]*m|[|`]", "", line)[:80]


def measure(rows: Sequence[Row], folder: Path, rounds: int, timeout: float) -> None:
    """All rows in turns; the first round only warms the disk cache, but for rows that run once."""
    for number in range(rounds + 1):
        for row in rows:
            if not row.over:
                last = run(row.argv, folder, timeout)
                row.over = bool(last.problem) or last.wall > SLOW
                row.runs = [last] if row.over or number == 0 else [*(row.runs if number > 1 else ()), last]
                print(f"{row.name}: {last}", file=sys.stderr, flush=True)


def table(title: str, rows: Sequence[Row]) -> Iterator[str]:
    """Medians, and how many times as much as shipit each row costs: the median of the rounds' ratios."""
    own = rows[0]
    yield f"### {title}\n"
    yield "| command | runs | CPU s | to shipit's | wall s | peak MB |\n|---|---:|---:|---:|---:|---:|"
    for row in rows:
        cpu, wall, memory = (row.median(what) for what in ("cpu", "wall", "memory"))
        ratio = f"{_ratio(row, own):.2f}"
        if row.problem:
            ratio = f"> {ratio}" if row.problem.startswith("stopped") else "-"
        note = f" ({row.problem})" if row.problem else ""
        yield f"| `{row.name}`{note} | {len(row.runs)} | {cpu:.2f} | {ratio} | {wall:.2f} | {memory:.0f} |"
    yield ""


def _ratio(row: Row, own: Row) -> float:
    if len(row.runs) != len(own.runs):
        return row.median("cpu") / own.median("cpu")
    return statistics.median(one.cpu / other.cpu for one, other in zip(row.runs, own.runs, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--commits", type=int, default=100_000)
    parser.add_argument("--tags", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--timeout", type=float, default=600, help="seconds")
    parser.add_argument("--peers", type=lambda text: Path(text).absolute(), default=Path(sys.executable).parent)
    asked = parser.parse_args()
    node = asked.peers.parent / "node" / "node_modules" / ".bin"
    os.environ["PATH"] = os.pathsep.join([str(asked.peers), str(node), os.environ["PATH"]])
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    machine = f"Python {sys.version.split()[0]}, git {git}, {os.cpu_count()} cores"
    print(f"{asked.commits:,} commits, {asked.tags:,} tags; {machine}.\n")
    places = [
        (checks, repository(asked.commits, asked.tags, branches=checks is WITH_BRANCHES))
        for checks in (CHECKS, WITH_BRANCHES)
    ]
    for checks, folder in (*places, (OF_PACKAGES, packages(5_000))):
        last = _last_tag(folder)
        for title, commands in checks.items():
            rows = [
                Row(name, [last if word == "LAST" else word for word in argv]) for name, argv in commands.items()
            ]
            measure(rows, folder, asked.rounds, asked.timeout)
            print("\n".join(table(title, rows)), flush=True)


if __name__ == "__main__":
    main()
