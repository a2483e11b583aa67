"""Which adapter runs the commands of gates and the scans, on which tree."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event

import shipit
from shipit.adapters import files, outputs, process
from shipit.adapters.git.clone_settings import without_repository
from shipit.adapters.git.tracked import tracked_files
from shipit.config import Gate, Project
from shipit.errors import Stop, UsageError
from shipit.gates.html import HtmlOutput
from shipit.gates.ports import Scanner, Tree
from shipit.gates.runner import GateRunner
from shipit.gates.sarif import SarifOutput
from shipit.gates.scan_report import NAME as REPORT
from shipit.gates.scanning import Unmade
from shipit.gates.security import SecurityScans
from shipit.gates.security_page import NAME, SecurityPage
from shipit.scans.sarif.sources import Sources
from shipit.scans.sarif.whole import Reports
from shipit.scans.settings import RegistryLogin, ScanSettings

_TRACKED = ("git", "ls-files", "-z", "--", "*.py", "*.pyi")
_HEAD = ("git", "rev-parse", "--verify", "--quiet", "HEAD")
_SECONDS = 60.0
_LARGEST = 10_000_000
"""Files with more bytes are no text that a person wrote: no line of theirs is looked for."""

Images = Callable[[], tuple[tuple[str, str], ...]]
"""Gives the name and the reference of each image."""


@dataclass(frozen=True, slots=True)
class UsersTree:
    """The user's own work tree, as it is: plays gates.ports.Tree."""

    path: Path
    id: str = ""


def gate_runner(
    gates: Mapping[str, Gate],
    tree: Tree,
    variables: Mapping[str, str | None],
    withheld: frozenset[str] = frozenset(),
    *,
    for_release: bool = False,
    configured: bool = True,
) -> GateRunner:
    """Runs gates by child processes on a tree: the user's own, or one that only a release sees.

    For a release, `release-coverage` goes before `coverage`. `configured` is false of gates that shipit has chosen.
    """
    return GateRunner(
        gates=gates,
        tree=tree,
        commands=process,
        variables=variables,
        withheld=withheld,
        tracked=tracked_python,
        for_release=for_release,
        configured=configured,
    )


def tracked_python(top: Path) -> Sequence[str] | None:
    """Plays gates.ports.Tracked."""
    done = process.run(_TRACKED, cwd=top, env=without_repository(), timeout=_SECONDS)
    return None if done.code else sorted(path for path in done.text.split("\0") if path)


def security_scans(
    project: Project, tree: Tree, withheld: Collection[str], images: Images, login: RegistryLogin
) -> SecurityScans:
    """The scans of a tree; what scanners report stays with the user's own work tree.

    `images` are asked for only where they are scanned, `login` only where their registry is asked. Raises
    UsageError where git does not track the tree.
    """
    options, reports = project.config.security, project.top / project.config.reports
    tracked, is_stopping = tracked_files(tree.path), Event()
    settings = partial(
        ScanSettings,
        tree=tree.path,
        tracked=tracked,
        licenses=options.licenses,
        codeql_sarif=project.top / options.codeql_sarif,
        project_name=project.name_or_nothing,
        timeout=options.timeout * 60,
        environment={**without_repository(), **dict.fromkeys(withheld)},
        reports=reports,
        stopping=is_stopping,
        login=login,
    )

    def scanners(names: Sequence[str]) -> Sequence[Scanner]:
        _make_ignored(project.top, reports)
        _forget_sboms(reports, names)
        return [_scanner(name, lambda: settings(images=images()), settings(images=())) for name in names]

    return SecurityScans(
        options=options,
        tree=tree.path,
        tracked=tracked,
        scanners=scanners,
        write=partial(_write, project.top),
        report=reports / REPORT,
        today=datetime.now(UTC).date(),
        id=tree.id,
        is_stopping=is_stopping,
    )


def _forget_sboms(reports: Path, names: Sequence[str]) -> None:
    """Those of an earlier run would stay where there is nothing to list any more, and the scan is not made."""
    if "sbom" in names:
        from shipit.adapters.scanners import sbom  # noqa: PLC0415 - commands that scan nothing do without

        sbom.forget(reports)


def _scanner(name: str, with_images: Callable[[], ScanSettings], without: ScanSettings) -> Scanner:
    """One that cannot be made has not run; such as where a registry does not say which image it has."""
    from shipit.adapters.scanners import scanner  # noqa: PLC0415 - commands that scan nothing do without

    try:
        return scanner(name, with_images() if name == "trivy" else without)
    except Stop as error:
        return Unmade(name, error)


def sarif_output(project: Project, scans: SecurityScans, path: Path) -> SarifOutput:
    """Where the SARIF of scans goes, with what it is made of; `path` is relative to the current folder.

    Raises UsageError for a file that is tracked, is a report that scans read, or cannot be written.
    """
    top, reports = project.top, project.top / project.config.security.codeql_sarif
    tracked = dict.fromkeys(scans.tracked)

    def checked(file: Path) -> Path:
        return _free(project, scans, "--sarif", file)

    def write(file: Path, data: bytes) -> None:
        outputs.write(checked(file), data)

    checked(path)
    return SarifOutput(
        path=path,
        sources=Sources(tracked, partial(_text, scans.tree)),
        baseline=project.config.security.baseline,
        reports=lambda: Reports({"codeql": _reports(reports)}, (str(scans.tree), str(top))),
        write=write,
    )


def html_output(
    project: Project, scans: SecurityScans, path: Path, home: str, sarif: Path | None = None
) -> HtmlOutput:
    """Where the page goes, not over the files of `sarif`; raises as sarif_output.

    `home` is the address of the project on its forge, or empty.
    """
    from shipit.adapters import pages  # noqa: PLC0415 - a template engine that only a page needs

    target = _free(project, scans, "--html", path)
    if sarif and _is_of(sarif.resolve(), target):
        where = f"--html {path}"
        raise UsageError(f"{path} is where --sarif writes", where=where, hint="give it another name")
    commit = process.run(_HEAD, cwd=scans.tree, env=without_repository(), timeout=_SECONDS)
    page = SecurityPage(
        project=project.name_or_nothing or project.top.name,
        home=home,
        commit="" if commit.code else commit.text.strip(),
        now=datetime.now(UTC).timestamp(),
        shipit=shipit.__version__,
    )
    return HtmlOutput(path=path, page=page, render=partial(pages.page, NAME), write=partial(outputs.write, target))


def _is_of(first: Path, target: Path) -> bool:
    """Whether it is the first file of SARIF, or may be one of those beside it."""
    name = rf"{re.escape(first.stem)}(-\w+)?{re.escape(first.suffix)}"
    return target.parent == first.parent and re.fullmatch(name, target.name) is not None


def _free(project: Project, scans: SecurityScans, option: str, file: Path) -> Path:
    taken = (scans.report, project.top / project.config.security.codeql_sarif)
    return outputs.free(file, option, project.top, is_tracked=frozenset(scans.tracked).__contains__, taken=taken)


def _text(tree: Path, path: str) -> str:
    """The text of a file as GitHub's action reads it; empty for one that is too large or cannot be read."""
    file = tree / path
    try:
        return "" if file.stat().st_size > _LARGEST else file.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def _reports(place: Path) -> Sequence[bytes]:
    """CodeQL's reports; none where one of them cannot be read."""
    from shipit.adapters.scanners.codeql import reports  # noqa: PLC0415 - commands that scan nothing do without

    try:
        return [file.read_bytes() for file in reports(place)]
    except OSError:
        return []


def kept_apart(top: Path, reports: str) -> Mapping[str, str | None]:
    """Make the folder of reports as one that git ignores; gives the variable that keeps coverage's data there."""
    _make_ignored(top, top / reports)
    return {"COVERAGE_FILE": str(top / reports / ".coverage")}


def _make_ignored(top: Path, folder: Path) -> None:
    """Make a folder of the repository as one that git ignores, unless it is there.

    Raises Refused where a link leads out of the repository.
    """
    target = files.inside(top, folder.relative_to(top).as_posix())
    if not target.is_dir():
        target.mkdir(parents=True)
        (target / ".gitignore").write_text("*\n", encoding="utf-8")


def _write(top: Path, path: Path, data: bytes) -> None:
    """Write a file of the repository whole; raises Refused where a link leads out of it."""
    target = files.inside(top, path.relative_to(top).as_posix())
    target.parent.mkdir(parents=True, exist_ok=True)
    files.write(target, data)
