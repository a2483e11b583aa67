"""Base images without a network, as tar files: busybox alone, and the Python that runs this with it."""

import io
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

BUSYBOX, PYTHON = "base/busybox:local", "base/python:local"
BUSYBOX_PROGRAM = Path("/bin/busybox")
_COMMANDS = ("sh", "ls", "cat", "wget", "sleep", "mkdir", "chown", "ln", "rm", "cp", "env", "id", "chmod", "dd")
_LEFT_OUT = {
    "test",
    "site-packages",
    "dist-packages",
    "idlelib",
    "tkinter",
    "turtledemo",
    "ensurepip",
    "__pycache__",
}
_FILES_LEFT_OUT = ("_tkinter.", "_test", "_ctypes_test", "_xx")


def is_possible() -> bool:
    return BUSYBOX_PROGRAM.exists()


def write_busybox(archive: Path) -> None:
    with tarfile.open(archive, "w") as tar:
        _add_busybox(tar)


def write_python(archive: Path) -> None:
    """Interpreter, standard library, and every shared library that they load: about 70 MB."""
    program = Path(sys.base_prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}")
    library = Path(sysconfig.get_path("stdlib", vars={"installed_base": sys.base_prefix}))
    with tarfile.open(archive, "w") as tar:
        _add_busybox(tar)
        tar.add(program.resolve(), str(program))
        for name in ("python3", "python"):
            if Path("/usr/bin", name) != program:
                _link(tar, f"/usr/bin/{name}", str(program))
        files = list(_standard_library(library))
        for path in files:
            tar.add(path, str(path))
        for path in _shared([program, *(path for path in files if path.suffix == ".so")]):
            tar.add(path.resolve(), str(path))


def _add_busybox(tar: tarfile.TarFile) -> None:
    tar.add(BUSYBOX_PROGRAM.resolve(), "/bin/busybox")
    for name in _COMMANDS:
        _link(tar, f"/bin/{name}", "busybox")
    _file(tar, "/etc/passwd", b"root:x:0:0::/:/bin/sh\n")
    temporary = tarfile.TarInfo("/tmp")  # noqa: S108
    temporary.type, temporary.mode = tarfile.DIRTYPE, 0o1777
    tar.addfile(temporary)
    for path in _shared([BUSYBOX_PROGRAM]):
        tar.add(path.resolve(), str(path))


def _standard_library(library: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(library):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT and not name.startswith("config-"))
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith(_FILES_LEFT_OUT))


def _shared(programs: Iterable[Path]) -> list[Path]:
    """The shared libraries of these, and the loader."""
    said = subprocess.run(
        ["/usr/bin/ldd", *map(str, programs)], capture_output=True, text=True, timeout=60, check=False
    )
    found = re.findall(r"^\t(?:\S+ => )?(/\S+) \(", said.stdout, re.MULTILINE)
    return sorted({Path(name) for name in found})


def _link(tar: tarfile.TarFile, name: str, target: str) -> None:
    link = tarfile.TarInfo(name)
    link.type, link.linkname = tarfile.SYMTYPE, target
    tar.addfile(link)


def _file(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))
