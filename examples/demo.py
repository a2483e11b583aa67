"""A release from commit to package, in a temporary folder: shows each command, runs it, then checks what came out.

Then the migrations of the product on SQLite (`demo_postgres.py` shows those on a real server), and its deployment.
Needs shipit, ruff, black, mypy, pytest, pytest-cov and flit_core in the Python that runs it (`make demo` sees to
that), and git.
Exits with 1 if a command or a check fails.
"""

import hashlib
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from examples import stage
from examples.demo_deploy import deploy, end_services, free_ports
from examples.demo_migrations import Sqlite, migrate
from examples.lay_out import Laid, git, lay_out
from examples.stage import End, Failed, Question, show


def main() -> int:
    return stage.told(demo)


def demo() -> End:
    ports = free_ports()
    laid = lay_out(Path(tempfile.mkdtemp(prefix="shipit-demo-")), ports)
    print(f"The sample product acme lies in {laid.folder}: its remote in remote.git, a clone in acme.")
    tag = release(laid)
    check(laid, tag)
    migrate(laid, Sqlite(laid.folder / "live" / "staging" / "acme.sqlite3"))
    try:
        deploy(laid, tag, ports)
    finally:
        end_services(laid, ports)
    return End(f"{tag} is released, migrated and deployed", laid.folder, sights(laid, tag))


def release(laid: Laid) -> str:
    """Run the commands a person would type; return the new tag."""
    before, clone = refs(laid), laid.clone
    show(clone, "What would the next version be, and why?", "shipit version --next --why")
    show(clone, "What would a release do? Nothing is touched.", "shipit release --type minor --dry-run")
    if refs(laid) != before or laid.index.exists():
        raise Failed("the dry run changed something")
    show(clone, "Release.", "shipit release --type minor --yes")
    came = (line.split()[0] for line in refs(laid) - before)
    new = [ref.removeprefix("refs/tags/") for ref in came if ref.startswith("refs/tags/")]
    if len(new) != 1:
        raise Failed(f"one new tag was expected on the remote, there are {len(new)}: {' '.join(new)}")
    show(clone, "Is everything there that the release promised?", f"shipit verify release {new[0]}")
    show(clone, "Where does the project stand?", "shipit status")
    return new[0]


def refs(laid: Laid) -> set[str]:
    return set(git(laid.remote, "for-each-ref", "--format=%(refname) %(objectname)").splitlines())


def check(laid: Laid, tag: str) -> None:
    """Ask git and pip, not shipit, whether the release is what it should be."""
    stage.check("And what do git and pip say?", questions(laid, tag))


def questions(laid: Laid, tag: str) -> Iterator[Question]:
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


def sights(laid: Laid, tag: str) -> list[tuple[str, str]]:
    here = Path(sys.executable).parent / "shipit"
    return [
        ("git -C remote.git log --graph --oneline --all", "the history: release, merge, back-merge"),
        (f"git -C remote.git show {tag}", "the annotated tag"),
        (f"git -C remote.git show {tag}:CHANGELOG.md", "what users read"),
        (f"git -C remote.git show refs/shipit/release/{tag}:release.json", "the evidence of the release"),
        (f"ls {laid.index.name}/acme", "the package index"),
        (f"cd {laid.clone.name}", "the clone, to play with"),
        (f"{here} migrate history --env staging", "there: how each run on the database ended"),
        (f"{here} deploy history --env staging", "and every deployment"),
    ]


if __name__ == "__main__":
    sys.exit(main())
