"""Bar B7: sentinel secrets are in no output, journal, error, argv or /proc/*/cmdline, in whatever spelling."""

import base64
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support import gitserver
from tests.support.acme import git
from tests.support.gitserver import User
from tests.support.misbehaviour import Kind
from tests.support.place import GITHUB, Place, Stage
from tests.support.pypi import FaultyIndex, pypiserver
from tests.support.run import Ran
from tests.support.standing import files

TOKEN = "ghp_sentinel/token+0123456789abcdefghij"
INDEX = "index sentinel+pass/word=1"
REMOTE = "remote sentinel/pass+word@2"
SECRETS = (TOKEN, INDEX, REMOTE)


def spellings(secret: str) -> set[bytes]:
    """Raw, URL-encoded, and what base64 makes of it at any of its three alignments."""
    cores = set()
    for before in range(3):
        text = base64.b64encode(bytes(before) + secret.encode()).decode()
        cores.add(text[(before * 8 + 5) // 6 : (before + len(secret)) * 8 // 6])
    return {one.encode() for one in {secret, quote(secret), quote(secret, safe=""), *cores}}


FORBIDDEN = {spelling: secret for secret in SECRETS for spelling in spellings(secret)}


def leaks(data: bytes) -> list[str]:
    return [f"{spelling!r} of {secret!r}" for spelling, secret in FORBIDDEN.items() if spelling in data]


@contextmanager
def watched_processes() -> Iterator[dict[bytes, list[str]]]:
    """Sample command lines of processes that start meanwhile, every few milliseconds; yields those that leak."""
    found: dict[bytes, list[str]] = {}
    over = threading.Event()
    seen = [0]
    older = set(os.listdir("/proc"))  # noqa: PTH208 - only the names, hundreds of times a second

    def sample() -> None:
        while not over.wait(0.002):
            for process in set(os.listdir("/proc")) - older:  # noqa: PTH208
                try:
                    line = Path("/proc", process, "cmdline").read_bytes()
                except OSError:
                    continue
                seen[0] += b"git-remote-http" in line or b"twine" in line
                if leaking := leaks(line):
                    found[line] = leaking

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()
    assert seen[0], "the sampling never saw a child that works with a secret"


@pytest.fixture
def guarded(theatre: Stage, tmp_path: Path) -> Iterator[tuple[Place, FaultyIndex]]:
    """A place where remote, forge and index each ask for a secret of their own."""
    with pypiserver(tmp_path / "packages", password=INDEX) as address, FaultyIndex(address.url) as front:
        tables = f"""
[tool.shipit.index]
kind = "url"
url = "{front.url}/"
simple = "{front.url}/simple/"
username = "env:INDEX_USER"
password = "env:INDEX_PASSWORD"
"""
        place = theatre.place(tables + GITHUB)
        place.env.update(
            INDEX_USER="releaser", INDEX_PASSWORD=INDEX, RELEASE_TOKEN=theatre.github.add_token(text=TOKEN)
        )
        place.server.users = {"robot": User(REMOTE)}
        config = place.clone / ".git" / "config"  # written by hand: no argv of ours may show it to the sampling
        config.write_text(
            config.read_text().replace(place.server.url(place.name), place.server.url(place.name, "robot"))
        )
        yield place, front
        place.server.users = {}
        theatre.clear(place)


def run(place: Place, code: int, *words: str) -> Ran:
    """Run it while every command line is watched, and look for secrets in all that it left and said."""
    with watched_processes() as found:
        ran = place.shipit(*words).ended(code)
    assert found == {}
    assert leaks(ran.said.encode()) == [], ran.said
    kept = files(place.clone / ".git" / "shipit")
    assert any(name.startswith("journal/") for name in kept)
    assert {name: leaking for name, data in kept.items() if (leaking := leaks(data))} == {}
    return ran


def outside(place: Place) -> bytes:
    """Everything that a release leaves for the world, uncompressed."""
    objects = git(place.laid.remote, "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)")
    texts = [git(place.laid.remote, "cat-file", "-p", row.split()[0]) for row in objects.splitlines()]
    return "\n".join([*texts, repr(place.outside())]).encode("utf-8", "surrogateescape")


def test_a_whole_release_tells_no_secret(guarded: tuple[Place, FaultyIndex]) -> None:
    place, _ = guarded

    run(place, 0, "release", "--type", "minor", "--verbose")

    assert leaks(outside(place)) == []
    for words in (("status",), ("status", "--json"), ("config", "show"), ("verify", "release", "v1.1.0", "--json")):
        assert leaks(place.shipit(*words).ended(0).said.encode()) == []


def test_on_github_actions_the_log_hides_them_too_but_for_the_orders_to_mask(
    guarded: tuple[Place, FaultyIndex], tmp_path: Path
) -> None:
    place, _ = guarded
    summary = tmp_path / "summary.md"
    place.env.update(
        GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary), GITHUB_OUTPUT=str(tmp_path / "output")
    )

    ran = place.shipit("release", "--type", "minor", "--verbose").ended(0)

    lines = [line for line in ran.said.splitlines() if not line.startswith("::add-mask::")]
    assert leaks("\n".join(lines).encode()) == []
    assert leaks(summary.read_bytes() + (tmp_path / "output").read_bytes()) == []


FACES = [(), ("--json",), ("--verbose",)]


def test_a_server_that_repeats_the_secrets_is_quoted_without_them(guarded: tuple[Place, FaultyIndex]) -> None:
    place, front = guarded
    echoed = f"error: you said {REMOTE} and {quote(REMOTE, safe='')} and {TOKEN}"
    gitserver.decline(place.laid.remote, "refs/heads/main", text=echoed)
    for faces in FACES:
        ran = run(place, 7, "release", "--type", "minor", *faces)
        assert "you said ***" in ran.said
    gitserver.remove_hooks(place.laid.remote)

    for faces, words in zip(FACES, [("--type", "minor"), ("--resume",), ("--resume",)], strict=True):
        place.github.misbehave("POST", r"^/repos/acme/small/releases$", Kind.ECHO)
        assert "draft" in run(place, 5, "release", *words, *faces).said

    front.fail("*.whl", 403)
    for faces in FACES:
        assert "upload" in run(place, 5, "release", "--resume", *faces).said
    front.heal()
    run(place, 0, "release", "--resume")
    assert leaks(outside(place)) == []


def test_a_gate_cannot_make_the_log_tell_what_it_read(guarded: tuple[Place, FaultyIndex]) -> None:
    place, _ = guarded
    pyproject = place.clone / "pyproject.toml"
    words = ["git", "-C", str(place.clone), "remote", "-v"]  # the private clone's own address has no password
    asked = f"s.run({words}, capture_output=True, text=True).stdout"
    script = f"import subprocess as s; print({asked}); raise SystemExit(1)"
    text = pyproject.read_text().replace('["python", "-S", "-c", "pass"]', f'["python", "-S", "-c", "{script}"]')
    pyproject.write_text(text)

    ran = run(place, 4, "release", "--type", "minor", "--verbose")

    assert "robot:***@127.0.0.1" in ran.said


def test_a_wrong_password_is_not_repeated(guarded: tuple[Place, FaultyIndex]) -> None:
    place, _ = guarded
    place.server.users = {"robot": User("another")}

    ran = place.shipit("release", "--type", "minor").ended(4)

    assert leaks(ran.said.encode()) == []
    assert "hint: " in ran.said


WITHHELD = ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_RUNTIME_TOKEN", "TWINE_PASSWORD", "GH_TOKEN", "PYPI_TOKEN")


def test_gate_and_build_see_no_token_of_ours_but_what_they_are_let_see(theatre: Stage, tmp_path: Path) -> None:
    place = theatre.place()
    place.env.update({name: f"value-of-{name}" for name in WITHHELD})
    seen = tmp_path / "seen"
    asked = f"import os; open('{seen}', 'a').write(os.environ.get('%s', '-') + chr(10))"
    pyproject = place.clone / "pyproject.toml"
    gate = "\n".join(
        f'[tool.shipit.gates.{name.lower()}]\nrun = ["python", "-S", "-c", "{asked % name}"]' for name in WITHHELD
    )
    let = '\nsecrets = ["PYPI_TOKEN"]\n[tool.shipit.gates.shown]\nrun = ["env"]\nsecrets = ["GH_TOKEN"]\n'
    pyproject.write_text(f"{pyproject.read_text()}\n{gate}{let}")

    ran = place.shipit("release", "--type", "minor", "--verbose").ended(0)

    assert seen.read_text().splitlines() == ["-", "-", "-", "-", "value-of-PYPI_TOKEN"]
    assert "GH_TOKEN=***" in ran.said
    assert "value-of-" not in ran.said
    theatre.clear(place)
