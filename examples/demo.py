"""A release from commit to package, in a temporary folder: shows each command, runs it, then checks what came out.

Needs shipit, pytest, pytest-cov and flit_core in the Python that runs it (`make demo` sees to that), and git.
Exits with 1 if a command or a check fails.
"""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from examples.lay_out import ISOLATED, Laid, git, lay_out

BOLD, GREEN, RED, PLAIN = ("\033[1m", "\033[32m", "\033[31m", "\033[0m") if sys.stdout.isatty() else [""] * 4
FOREIGN = ("GIT_", "GITHUB_", "SHIPIT_", "TWINE_")


class Failed(Exception):
    """A command or a check of the demo failed."""


def main() -> int:
    if not shutil.which("git"):
        print("The demo needs git on PATH (on Debian: apt-get install git).", file=sys.stderr)
        return 1
    began = time.monotonic()
    laid = lay_out(Path(tempfile.mkdtemp(prefix="shipit-demo-")))
    print(f"The sample product acme lies in {laid.folder}: its remote in remote.git, a clone in acme.")
    try:
        tag = release(laid)
        check(laid, tag)
    except Failed as failure:
        print(f"\n{RED}The demo failed: {failure}{PLAIN}", file=sys.stderr)
        return 1
    farewell(laid, tag, time.monotonic() - began)
    return 0


def release(laid: Laid) -> str:
    """Run the commands a person would type; return the new tag."""
    before = refs(laid)
    show(laid, "What would the next version be, and why?", "shipit version --next --why")
    show(laid, "What would a release do? Nothing is touched.", "shipit release --type minor --dry-run")
    if refs(laid) != before or laid.index.exists():
        raise Failed("the dry run changed something")
    show(laid, "Release.", "shipit release --type minor --yes")
    came = (line.split()[0] for line in refs(laid) - before)
    new = [ref.removeprefix("refs/tags/") for ref in came if ref.startswith("refs/tags/")]
    if len(new) != 1:
        raise Failed(f"one new tag was expected on the remote, there are {len(new)}: {' '.join(new)}")
    show(laid, "Is everything there that the release promised?", f"shipit verify release {new[0]}")
    show(laid, "Where does the project stand?", "shipit status")
    return new[0]


def show(laid: Laid, why: str, command: str) -> None:
    print(f"\n{BOLD}# {why}\n$ {command}{PLAIN}", flush=True)
    ended = subprocess.run(
        shlex.split(command), cwd=laid.clone, env=environment(), stderr=subprocess.STDOUT, check=False
    )
    if ended.returncode:
        raise Failed(f"`{command}` ended with exit code {ended.returncode}")


def environment() -> dict[str, str]:
    """The user's, but without what another run of a CI left in it, and with this Python's programs first."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    programs = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)])
    return kept | ISOLATED | {"PATH": programs}


def refs(laid: Laid) -> set[str]:
    return set(git(laid.remote, "for-each-ref", "--format=%(refname) %(objectname)").splitlines())


def check(laid: Laid, tag: str) -> None:
    """Ask git and pip, not shipit, whether the release is what it should be; every failure is named."""
    print(f"\n{BOLD}# And what do git and pip say?{PLAIN}")
    failed = 0
    for sentence, question in questions(laid, tag):
        try:
            holds, evidence = question(), ""
        except (RuntimeError, OSError, KeyError, ValueError, subprocess.CalledProcessError) as error:
            holds, evidence = False, f": {error}"
        failed += not holds
        print(f"{GREEN}✓{PLAIN} {sentence}" if holds else f"{RED}✗ {sentence}{evidence}{PLAIN}", flush=True)
    if failed:
        raise Failed(f"{failed} of these do not hold")


def questions(laid: Laid, tag: str) -> Iterator[tuple[str, Callable[[], bool]]]:
    def left(prefix: str) -> str:
        return git(laid.remote, "for-each-ref", prefix)

    def evidence(name: str) -> str:
        return git(laid.remote, "show", f"refs/shipit/release/{tag}:{name}")

    files = sorted(path for path in laid.index.glob("acme/acme-*") if path.suffix in {".whl", ".gz"})
    yield f"{tag} is an annotated tag on the remote", lambda: git(laid.remote, "cat-file", "-t", tag) == "tag"
    yield "main contains the release", lambda: contains(laid.remote, "main", tag)
    yield "develop contains main", lambda: contains(laid.remote, "develop", "main")
    yield "no release branch is left", lambda: not left("refs/heads/release/")
    yield "no lock is left", lambda: not left("refs/shipit/lock/")
    yield "the index has a wheel and a source archive", lambda: {file.suffix for file in files} == {".gz", ".whl"}
    yield (
        "their sha256 stand in SHA256SUMS",
        lambda: bool(files) and all(line_for(file) in evidence("SHA256SUMS") for file in files),
    )
    yield (
        "and in release.json",
        lambda: bool(files) and all(sha256(file) in evidence("release.json") for file in files),
    )
    yield f"pip installs acme {tag.removeprefix('v')} from the index", lambda: installs(laid, tag)


def contains(remote: Path, branch: str, commit: str) -> bool:
    return git(remote, "merge-base", branch, commit) == git(remote, "rev-parse", f"{commit}^{{commit}}")


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def line_for(file: Path) -> str:
    return f"{sha256(file)}  {file.name}"


def installs(laid: Laid, tag: str) -> bool:
    """Into a new environment, with no other index and no setting of this machine."""
    place = laid.folder / "try"
    venv.create(place, with_pip=True)
    version = tag.removeprefix("v")
    pip = [str(place / "bin" / "python"), "-m", "pip", "--isolated", "--quiet", "--disable-pip-version-check"]
    source = ["install", "--no-cache-dir", "--no-deps", f"--index-url={laid.index.as_uri()}", f"acme=={version}"]
    subprocess.run([*pip, *source], check=True)
    asked = [str(place / "bin" / "acme-mcp"), "--version"]
    return subprocess.check_output(asked, text=True).strip() == f"acme-mcp {version}"


def farewell(laid: Laid, tag: str, seconds: float) -> None:
    print(f"\n{GREEN}{tag} is released, and everything holds{PLAIN} ({seconds:.0f} s). What can be looked at:\n")
    print(f"  cd {shlex.quote(str(laid.folder))}")
    for command, what in (
        ("git -C remote.git log --graph --oneline --all", "the history: release, merge, back-merge"),
        (f"git -C remote.git show {tag}", "the annotated tag"),
        (f"git -C remote.git show {tag}:CHANGELOG.md", "what users read"),
        (f"git -C remote.git show refs/shipit/release/{tag}:release.json", "the evidence of the release"),
        (f"ls {laid.index.name}/acme", "the package index"),
        (f"cd {laid.clone.name} && {Path(sys.executable).parent / 'shipit'} --help", "the clone, to play with"),
    ):
        print(f"  {command:<66}{what}")
    print(f"\nThe folder is yours: rm -r {shlex.quote(str(laid.folder))}")


if __name__ == "__main__":
    sys.exit(main())
