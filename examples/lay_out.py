"""Lays a product with a git history into a folder: a bare remote, a clone on develop, room for an index.

    python examples/lay_out.py FOLDER

`lay_out` lays the sample product acme, `lay_out_for_postgres` the same with its database on PostgreSQL,
`lay_out_for_docker` with its webhook in a container, and `lay_out_small` one module with the same branches and the
same tag, for tests that release hundreds of times.
All give the same object ids on every machine and every day, and none reads the user's git configuration.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from examples.history import BEGINNING, SMALL, SMALL_BEGINNING, SMALL_WORK, WORK, Change

ACME = Path(__file__).resolve().parent / "acme"
RELEASED = "1.0.0"

NAME, EMAIL = "Ada Acme", "ada@acme.example"
FIRST_DAY = 1_741_003_200  # 2025-03-03 12:00 UTC; each commit is an hour after the one before
HOUR = 3600

ISOLATED = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
}
LOCAL_SETTINGS = f"""\
[user]
\tname = {NAME}
\temail = {EMAIL}
[commit]
\tgpgsign = false
[tag]
\tgpgsign = false
[gc]
\tauto = 0
"""
LEFT_OUT = {
    "__pycache__",
    ".pytest_cache",
    ".ruff_cache",
    ".mypy_cache",
    ".venv",
    "dist",
    "build",
    "node_modules",
}
LEFT_OUT_FILES = {".coverage", "coverage.xml"}

ON_SQLITE = b'url = "sqlite:///../live/staging/acme.sqlite3"'
ON_POSTGRES = b'url = "env:DATABASE_URL"'

REGISTRY = b"""\
namespace = "acme"
username = "env:GITHUB_ACTOR"
password = "env:GITHUB_TOKEN"
"""
REVISION = b'REVISION = "{commit}" }'
IN_CONTAINERS = """\
[tool.shipit.environments.staging]
from = "develop"
smoke.checks = [
  { get = "http://127.0.0.1:%(port)s/healthz", json = { version = "{version}", commit = "{commit}" } },
]
smoke.control = "http://127.0.0.1:%(port)s/no-such-page"
smoke.timeout = 5 # seconds

[tool.shipit.environments.staging.targets.backend]
kind = "command"
image = "webhook"
deploy = '''
  sh -c "docker rm --force --volumes acme-webhook >/dev/null 2>&1
         docker run --detach --init --name acme-webhook --publish 127.0.0.1:%(port)s:8080 \
                    --env ACME_WEBHOOK_SECRET $0" {image}
'''
live = "docker ps --filter name=acme-webhook --no-trunc --format {{.Image}}"

"""

Files = Mapping[str, bytes]
PORTS = (8080, 8090)
"""Where acme answers on staging and on production."""


@dataclass(frozen=True, slots=True)
class Laid:
    """What was laid out: the bare remote, the clone (develop checked out, main beside it), the index folder.

    The index folder is not made here: a release makes it.
    """

    folder: Path
    remote: Path
    clone: Path
    index: Path


def lay_out(folder: Path, ports: tuple[int, int] = PORTS) -> Laid:
    """Lay acme into `folder`: v1.0.0 on main, then work on develop that asks for 1.1.0.

    `ports` are those of staging and production on this machine.
    """
    files = dict(_files(ACME))
    for usual, port in zip(PORTS, ports, strict=True):
        files["pyproject.toml"] = files["pyproject.toml"].replace(b":%d" % usual, b":%d" % port)
    return _lay(folder, "acme", files, BEGINNING, WORK)


def lay_out_for_postgres(folder: Path) -> Laid:
    """Lay acme with the database of staging on a server: the other one of its two folders of migrations is used."""
    files = dict(_files(ACME))
    settings = files["pyproject.toml"]
    if ON_SQLITE not in settings:
        raise ValueError("pyproject.toml of acme does not speak of its database as expected")
    files["pyproject.toml"] = settings.replace(ON_SQLITE, ON_POSTGRES)
    return _lay(folder, "acme", files, BEGINNING, WORK)


def lay_out_for_docker(folder: Path, registry: str, base: str, port: int) -> Laid:
    """Lay acme with its images made from `base`, pushed to `registry`, and staging as a container on this port."""
    files = dict(_files(ACME))
    settings = files["pyproject.toml"]
    before, begin, rest = settings.partition(b"[tool.shipit.environments.staging]")
    _, end, after = rest.partition(b"[tool.pytest")
    if not (begin and end and REGISTRY in before and REVISION in before):
        raise ValueError("pyproject.toml of acme does not speak of its images and environments as expected")
    before = before.replace(REGISTRY, b'host = "%s"\nnamespace = "acme"\n' % registry.encode())
    before = before.replace(REVISION, b'REVISION = "{commit}", BASE = "%s" }' % base.encode())
    staging = (IN_CONTAINERS % {"port": port}).encode()
    files["pyproject.toml"] = before + staging + end + after
    return _lay(folder, "acme", files, BEGINNING, WORK)


def lay_out_small(folder: Path) -> Laid:
    """Lay a package of one module: v1.0.0 on main, a feature and a fix on develop."""
    return _lay(folder, "small", SMALL, SMALL_BEGINNING, SMALL_WORK)


def git(where: Path, *arguments: str, data: bytes | None = None) -> str:
    """Run git in `where` without the user's configuration; return stdout without its last line end."""
    finished = subprocess.run(
        ["git", *arguments],  # noqa: S607 - whichever git the user has
        cwd=where,
        env=_environment(),
        input=data,
        stdin=subprocess.DEVNULL if data is None else None,
        capture_output=True,
        check=False,
    )
    if finished.returncode:
        said = (finished.stderr + finished.stdout).decode("utf-8", "replace").strip()
        raise RuntimeError(f"git {' '.join(arguments)}: {said}")
    return finished.stdout.decode("utf-8", "surrogateescape").rstrip("\n")


def _environment() -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return ours | ISOLATED


def _lay(folder: Path, name: str, files: Files, beginning: Sequence[Change], work: Sequence[Change]) -> Laid:
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    laid = Laid(folder, folder / "remote.git", folder / name, folder / "index")
    git(folder, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(laid.remote))
    _write(laid.remote, files, beginning, work)
    git(folder, "clone", "--quiet", "--template=", "--branch=develop", str(laid.remote), str(laid.clone))
    git(laid.clone, "branch", "--quiet", "--track", "main", "origin/main")
    for config in (laid.clone / ".git" / "config", laid.remote / "config"):
        with config.open("a", encoding="utf-8") as file:
            file.write(LOCAL_SETTINGS)
    return laid


def _files(top: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(top.rglob("*")):
        inside = path.relative_to(top)
        if path.is_file() and not LEFT_OUT.intersection(inside.parts) and path.name not in LEFT_OUT_FILES:
            yield inside.as_posix(), path.read_bytes()


class _Writer:
    """Writes commits through `git fast-import`; marks count up from 1, so do the hours."""

    def __init__(self, repository: Path) -> None:
        self.repository = repository
        self.ids: dict[str, str] = {}  # a commit's message to its id, once it is flushed
        self._messages: list[str] = []
        self._stream = bytearray()

    def commit(self, branch: str, message: str, parents: Sequence[int], files: Files) -> int:
        self._messages.append(message)
        mark = len(self._messages)
        self._line(f"commit refs/heads/{branch}", f"mark :{mark}")
        self._line(f"author {self._person()}", f"committer {self._person()}")
        self._data(f"{message}\n".encode())
        for word, parent in zip(("from", "merge"), parents, strict=False):
            self._line(f"{word} :{parent}")
        self._line("deleteall")
        for path, content in sorted(files.items()):
            self._line(f"M 100644 inline {path}")
            self._data(content)
        return mark

    def tag(self, name: str, target: int, message: str) -> None:
        self._line(f"tag {name}", f"from :{target}", f"tagger {self._person()}")
        self._data(f"{message}\n".encode())

    def flush(self) -> None:
        """Let git make the objects, and read which ids it gave them."""
        marks = self.repository / "marks"
        known = f"--import-marks-if-exists={marks}", f"--export-marks={marks}"
        git(self.repository, "fast-import", "--quiet", *known, data=bytes(self._stream))
        self._stream.clear()
        for line in marks.read_text(encoding="ascii").splitlines():
            mark, sha = line.split()
            self.ids[self._messages[int(mark[1:]) - 1]] = sha

    def _line(self, *lines: str) -> None:
        for line in lines:
            self._stream += line.encode() + b"\n"

    def _data(self, content: bytes) -> None:
        self._line(f"data {len(content)}")
        self._stream += content + b"\n"

    def _person(self) -> str:
        return f"{NAME} <{EMAIL}> {FIRST_DAY + len(self._messages) * HOUR} +0000"


def _write(repository: Path, files: Files, beginning: Sequence[Change], work: Sequence[Change]) -> None:
    """gitflow: a first commit, features on develop, the release merged into main and back, more features."""
    writer = _Writer(repository)
    main = tip = writer.commit("main", "chore: begin", (), _until(files, beginning, 0))
    for done, change in enumerate(beginning, 1):
        tip = writer.commit("develop", change.message, (tip,), _until(files, beginning, done))
    released = writer.commit("develop", f"chore(release): v{RELEASED}", (tip,), files)
    main = writer.commit("main", f"Merge release v{RELEASED} into main", (main, released), files)
    writer.tag(f"v{RELEASED}", main, f"Release v{RELEASED}")
    tip = writer.commit("develop", f"Merge v{RELEASED} into develop", (released, main), files)
    for change in work:
        files = change.applied(files)
        if change.reverts:
            writer.flush()
        message = change.message.replace("{id}", writer.ids.get(change.reverts, ""))
        tip = writer.commit("develop", message, (tip,), files)
    writer.flush()
    (repository / "marks").unlink()


def _until(files: Files, beginning: Sequence[Change], done: int) -> Files:
    """The files before the release, in version 0.1.0, when the first `done` features were there."""
    to_come = tuple(prefix for change in beginning[done:] for prefix in change.brings)
    return {
        path: content.replace(RELEASED.encode(), b"0.1.0")
        for path, content in files.items()
        if path != "CHANGELOG.md" and not (to_come and path.startswith(to_come))
    }


if __name__ == "__main__":
    made = lay_out(Path(sys.argv[1]))
    print(f"remote  {made.remote}\nclone   {made.clone}")
