"""A real docker engine, Debian's, for one process: private socket, folders, and bridge; root only."""

import contextlib
import http.client
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from examples.base_image import BUSYBOX_PROGRAM
from examples.stage import Failed, await_server

_COMMAND = "/usr/bin/docker"
_NEEDED = {"docker.io": ("/usr/sbin/dockerd", _COMMAND), "busybox-static": (str(BUSYBOX_PROGRAM),)}
_LINKS = Path("/sys/class/net")
_numbers = itertools.count()


@dataclass(frozen=True)
class Engine:
    """A running one; in `programs` is docker, and nothing else."""

    folder: Path
    process: "subprocess.Popen[bytes]"

    @property
    def address(self) -> str:
        return f"unix://{self.folder / 'docker.sock'}"

    @property
    def environment(self) -> Mapping[str, str]:
        """What a command needs to find this engine."""
        return {"DOCKER_HOST": self.address, "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}"}

    @property
    def programs(self) -> Path:
        return self.folder / "bin"

    def docker(self, *arguments: str, timeout: float = 120) -> str:
        """Run docker, return what it wrote on standard output; raises Failed if it fails."""
        done = subprocess.run(
            [_COMMAND, *arguments],
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if done.returncode:
            raise Failed(f"docker {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def take(self, name: str, archive: Path) -> None:
        """Make an image of the files in a tar file."""
        self.docker("import", "-c", "ENV PATH=/usr/local/bin:/usr/bin:/bin", str(archive), name)


def lacking() -> list[str]:
    """Debian's packages that are not there, but needed."""
    return [name for name, files in _NEEDED.items() if not all(Path(file).exists() for file in files)]


@contextlib.contextmanager
def engine() -> Iterator[Engine]:
    """Start one without any image; it leaves nothing behind, not even in iptables."""
    # not TMPDIR: the names of sockets may not be long
    folder = Path(tempfile.mkdtemp(prefix=f"shipit-engine-{os.getpid()}-", dir="/tmp"))
    try:
        (folder / "bin").mkdir()
        (folder / "bin" / "docker").symlink_to(_COMMAND)
        with _bridge() as bridge, (folder / "log").open("wb") as log:
            here = {**os.environ, "TMPDIR": str(folder)}  # containerd writes its stacks there when it is ended late
            argv = _daemon(folder, bridge)
            process = subprocess.Popen(argv, stdout=log, stderr=log, env=here, start_new_session=True)
            running = Engine(folder, process)
            try:
                await_server(process, folder / "log", lambda: _answers(folder / "docker.sock"))
                yield running
            finally:
                stop(running)
    finally:
        _remove(folder)


def stop(running: Engine) -> None:
    if running.process.poll() is None:
        running.process.terminate()
        try:
            running.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(running.process.pid, signal.SIGKILL)
            running.process.wait(10)


def _daemon(folder: Path, bridge: str) -> list[str]:
    (folder / "daemon.json").write_text('{"shutdown-timeout": 3}')
    options = {
        "config-file": folder / "daemon.json",
        "host": f"unix://{folder / 'docker.sock'}",
        "data-root": folder / "data",
        "exec-root": folder / "exec",
        "pidfile": folder / "pid",
        "bridge": bridge,
        "iptables": "false",
        "ip-masq": "false",
        "ip-forward": "false",
    }
    with_us = ("setpriv", "--pdeathsig=TERM")  # or it would outlive a process that is killed
    return [*with_us, _NEEDED["docker.io"][0], *(f"--{name}={value}" for name, value in options.items())]


@contextlib.contextmanager
def _bridge() -> Iterator[str]:
    """A bridge of its own: engines on one machine would share docker0, and take it from each other."""
    for left in _LINKS.glob("shipit*"):
        if not Path("/proc", left.name.removeprefix("shipit").partition("-")[0]).exists():  # of a killed process
            _ip("link", "del", left.name)
    number = next(_numbers) % 16
    name, network = f"shipit{os.getpid()}-{number:x}", f"172.{31 - number}.{os.getpid() % 250}.1/24"
    try:
        _ip("link", "add", "name", name, "type", "bridge")
        _ip("addr", "add", network, "dev", name)
        _ip("link", "set", name, "up")
        yield name
    finally:
        if (_LINKS / name).exists():
            _ip("link", "del", name)


def _ip(*arguments: str) -> None:
    subprocess.run([str(BUSYBOX_PROGRAM), "ip", *arguments], timeout=10, check=True)


def _answers(path: Path) -> bool:
    link = socket.socket(socket.AF_UNIX)
    connection = http.client.HTTPConnection("docker")
    connection.sock = link
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
        link.settimeout(5)
        link.connect(str(path))
        connection.request("GET", "/_ping")
        return connection.getresponse().status == 200
    return False


def _remove(folder: Path) -> None:
    """What the engine mounted goes first, where a killed one has left it."""
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for mount in sorted(mounts, reverse=True):
        if mount.startswith(f"{folder}/"):
            subprocess.run(["/bin/umount", "--lazy", mount], timeout=10, check=False)
    shutil.rmtree(folder, ignore_errors=True)
