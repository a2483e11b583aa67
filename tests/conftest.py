"""What every test starts from: a clean environment, no secrets, and for unit tests no way out."""

import functools
import gc
import itertools
import operator
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import pytest
from examples.lay_out import lay_out, lay_out_small

from shipit import masking
from tests.support.acme import Laid, Template

HERE = Path(__file__).parent
WAYS_OUT = {
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.system",
    "pty.spawn",
    "socket.bind",
    "socket.connect",
    "socket.getaddrinfo",
    "socket.sendto",
    "subprocess.Popen",
}
FOREIGN = ("ACTIONS_", "GIT_", "GITHUB_", "PYPI_", "RUNNER_", "SHIPIT_", "TWINE_", "XDG_")
KEPT = ("SHIPIT_DRILL", "SHIPIT_TEST_", "GIT_SSL_", "GIT_EXEC_PATH")
SHELL = {
    "CI",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "FORCE_COLOR",
    "LINES",
    "NO_COLOR",
    "SOURCE_DATE_EPOCH",
}
SHELL |= {
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHASHSEED",
    "PYTHONPATH",
    "TTY_COMPATIBLE",
    "TTY_INTERACTIVE",
    "SSH_ASKPASS",
}
OURS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C.UTF-8",
    "TERM": "dumb",
    "TZ": "UTC",
}


class WentOut(BaseException):
    """A unit test started a child or opened a socket; no `except Exception` swallows this."""


class _Guard:
    """An audit hook sees every way out, whoever takes it; it cannot be removed, so it is switched.

    Off, it is a function in C. One in Python lets another thread go on in the middle of `sys.settrace`, and where
    coverage is measured (Python 3.11) threads that start at the same time then die before their first line.
    """

    __call__ = staticmethod(operator.is_)

    def __init__(self) -> None:
        self.caught: list[str] = []
        sys.addaudithook(self)

    def switch(self, *, on: bool) -> None:
        setattr(type(self), "__call__", self._look if on else staticmethod(operator.is_))  # noqa: B010 - of the class

    def _look(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in WAYS_OUT:
            self.caught.append(f"{event} {arguments!r:.200}")
            raise WentOut(self.caught[-1])


def _clean_environment() -> None:
    for name in list(os.environ):
        if name in SHELL or (name.startswith(FOREIGN) and not name.startswith(KEPT)):
            del os.environ[name]
    here = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", os.defpath)])
    os.environ.update(OURS)


_clean_environment()  # before anything is imported that reads it once, as Typer does
_guard = _Guard()
_numbers = itertools.count()


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Coverage is not measured where the command line only runs in other processes: it would only cost time."""
    for item in items:
        if isinstance(item, pytest.Function) and not _runs_here(item.module):
            item.add_marker("no_cover")


@functools.cache
def _runs_here(module: ModuleType) -> bool:
    """Whether the tests of a module may run something of shipit in this process."""
    if not module.__name__.startswith(("tests.scenarios.", "tests.faults.")):
        return True
    origins = (getattr(one, "__module__", None) or getattr(one, "__name__", "") for one in vars(module).values())
    return any(str(origin).startswith(("shipit", "tests.support.inside")) for origin in origins)


@pytest.fixture(autouse=True)
def _no_way_out(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests in tests/unit may not start a child or open a socket."""
    _guard.caught.clear()
    _guard.switch(on=request.node.path.is_relative_to(HERE / "unit"))
    yield
    _guard.switch(on=False)
    assert not _guard.caught, f"a unit test went out: {_guard.caught[0]}"


@pytest.fixture
def went_out() -> list[str]:
    """What the guard caught in this test so far; what is left in it at the end fails the test."""
    return _guard.caught


@pytest.fixture(autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A home folder of its own, and an environment that is after the test what it was before."""
    before = dict(os.environ)
    home = tmp_path_factory.getbasetemp() / "homes" / str(next(_numbers))
    home.mkdir(parents=True)
    os.environ["HOME"] = str(home)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(autouse=True)
def _garbage_is_collected() -> Iterator[None]:
    """A command line within this process leaves that to the end of the process; thousands of them would fill it."""
    yield
    gc.unfreeze()
    gc.enable()


@pytest.fixture(autouse=True)
def _no_secrets() -> Iterator[None]:
    masking.forget_all()
    yield
    masking.forget_all()


@pytest.fixture(scope="session")
def _templates(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Callable[[Path], Laid]], Template]:
    made: dict[Callable[[Path], Laid], Template] = {}

    def template(lay: Callable[[Path], Laid]) -> Template:
        if lay not in made:
            made[lay] = Template.make(tmp_path_factory.mktemp("template"), lay)
        return made[lay]

    return template


@pytest.fixture
def small_acme(_templates: Callable[[Callable[[Path], Laid]], Template], tmp_path: Path) -> Laid:
    """A copy of the one-module product: see examples/lay_out.py."""
    return _templates(lay_out_small).copy(tmp_path / "laid")


@pytest.fixture
def acme(_templates: Callable[[Callable[[Path], Laid]], Template], tmp_path: Path) -> Laid:
    """A copy of the sample product acme: see examples/lay_out.py."""
    return _templates(lay_out).copy(tmp_path / "laid")
