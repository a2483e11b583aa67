"""Small distributions that every index takes, written without a build backend."""

import base64
import gzip
import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

ANY = "py3-none-any"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def wheel(
    folder: Path, name: str = "my-acme", version: str = "1.1.0", text: str = "", *, tag: str = ANY, needs: str = ""
) -> Path:
    """Write a wheel whose one module says `text` and that needs one project; the same arguments, the same bytes."""
    plain = name.replace("-", "_")
    files = {f"{plain}/__init__.py": text.encode() + b"\n", **_information(name, version)}
    if needs:
        files[f"{plain}-{version}.dist-info/METADATA"] += f"Requires-Dist: {needs}\n".encode()
    record = f"{plain}-{version}.dist-info/RECORD"
    rows = [f"{path},sha256={_digest(data)},{len(data)}" for path, data in files.items()]
    files[record] = "\n".join([*rows, f"{record},,", ""]).encode()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{plain}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for inside, data in files.items():
            archive.writestr(zipfile.ZipInfo(inside, (2020, 1, 1, 0, 0, 0)), data)
    return path


def sdist(folder: Path, name: str = "my-acme", version: str = "1.1.0", text: str = "") -> Path:
    """Write an sdist that holds its PKG-INFO and a README saying `text`."""
    top = f"{name.replace('-', '_')}-{version}"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{top}.tar.gz"
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for inside, data in {"PKG-INFO": _metadata(name, version), "README.md": text.encode()}.items():
            entry = tarfile.TarInfo(f"{top}/{inside}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    path.write_bytes(gzip.compress(plain.getvalue(), mtime=0))
    return path


def _information(name: str, version: str) -> dict[str, bytes]:
    top = f"{name.replace('-', '_')}-{version}.dist-info"
    kind = b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    return {f"{top}/METADATA": _metadata(name, version), f"{top}/WHEEL": kind}


def _metadata(name: str, version: str) -> bytes:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: a test\n".encode()


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
