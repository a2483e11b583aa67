"""Ask commitizen and python-semantic-release themselves: `python -m tests.peers.record [--peers .venv-bench/bin]`.

Writes answers.json: the version that comes next, empty if none does, and the files in which it is written, for each
configuration of the table, each with the lines that hold it. `make .venv-bench/ready` installs both.
"""

import argparse
import json
import re
import sys
import tempfile
from importlib.metadata import distributions
from pathlib import Path

from tests.peers.table import ANSWERS, Configuration, Ran, configurations, run, written
from tests.support.repository import PEOPLE, Repository

_NOTHING = (3, 21)
"""Exit codes of commitizen for no commits, and for none that asks for a release."""
_HERE_ALONE = ("--no-commit", "--no-tag", "--no-push", "--no-changelog", "--no-vcs-release", "--skip-build")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--peers", type=Path, default=Path(".venv-bench/bin"), help="where both commands are")
    peers: Path = arguments.parse_args().peers.absolute()
    ask = {"commitizen": ask_commitizen, "semantic_release": ask_semantic_release}
    answers = {}
    for one in configurations():
        with tempfile.TemporaryDirectory() as folder:
            made = one.build(Path(folder) / "demo")
            upcoming = ask[one.tool](one, made, peers)
            answers[one.name] = {"next": upcoming, "files": written(made, upcoming)}
        print(one.name, answers[one.name], file=sys.stderr)
    text = json.dumps({"peers": versions(peers), "answers": answers}, indent=2)
    ANSWERS.write_text(f"{text}\n", "utf-8")


def ask_commitizen(one: Configuration, made: Repository, peers: Path) -> str:
    """The next version, and the files of the work tree with it."""
    words = ["bump", "--yes", *(["--prerelease", one.pre] if one.pre else [])]
    asked = run([str(peers / "cz"), *words, "--get-next"], made)
    if asked.code in _NOTHING:
        return ""
    done = run([str(peers / "cz"), *words, "--version-files-only"], made, **PEOPLE)
    _require(one, asked, done)
    return asked.out.strip().splitlines()[-1]


def ask_semantic_release(one: Configuration, made: Repository, peers: Path) -> str:
    """The same of python-semantic-release, which decides about prereleases by the branch."""
    asked = run([str(peers / "semantic-release"), "version", "--print"], made)
    _require(one, asked)
    upcoming = asked.out.strip()
    if not upcoming or (one.tag and one.tag.endswith(upcoming)):  # it prints the last one where there is no next
        return ""
    _require(one, run([str(peers / "semantic-release"), "version", *_HERE_ALONE], made, **PEOPLE))
    return upcoming


def _require(one: Configuration, *ran: Ran) -> None:
    for each in ran:
        if each.code:
            sys.exit(f"{one.name}: {each.code}\n{each.out}\n{each.err}")


def versions(peers: Path) -> dict[str, str]:
    """The versions of both that were asked."""
    paths = [str(path) for path in peers.parent.glob("lib/python*/site-packages")]
    wanted = re.compile("commitizen|python-semantic-release")
    found = {one.name: one.version for one in distributions(path=paths)}
    return {name: version for name, version in sorted(found.items()) if wanted.fullmatch(name)}


if __name__ == "__main__":
    main()
