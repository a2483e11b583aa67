"""Images built and pushed by buildah, which needs no daemon."""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from msgspec.structs import replace

from shipit.adapters import process
from shipit.adapters.docker import arguments, engine, troubles
from shipit.adapters.docker.login_file import LoginFile
from shipit.adapters.docker.order import Image, Order
from shipit.adapters.docker.running import carry_out
from shipit.adapters.oci.reference import is_digest
from shipit.engine.plan import Problem, Say
from shipit.errors import ExternalError, Stop

_PATIENCE = 60.0
"""seconds for a question"""
_MOUNTING = 1 << 21
"""CAP_SYS_ADMIN"""


@dataclass(frozen=True)
class Buildah:
    """Plays Builder by `buildah bud`; `instead_of` says why it is not docker, which comes first."""

    logins: LoginFile
    instead_of: Problem | None = None
    name: ClassVar[str] = "buildah"

    def problems(self, images: Sequence[Image]) -> Sequence[Problem]:
        warnings = [replace(self.instead_of, is_warning=True)] if self.instead_of else []
        return [*warnings, *_storage_problems(), *engine.platform_problems(self.name, images)]

    def labels(self, name: str) -> Mapping[str, str] | None:
        finished = process.run(arguments.buildah_labels(name), timeout=_PATIENCE)
        if finished.code == 0:
            return labels_in(json.loads(finished.stdout))
        if "image not known" in finished.stderr:
            return None
        raise troubles.failure(finished, "buildah cannot say which images are here", name.partition("/")[0])

    def build(self, order: Order, say: Say) -> None:
        with self.logins.for_buildah(order.image.host) as login:
            argv = arguments.buildah_build(order, "chroot" if needs_chroot() else "")
            carry_out(engine.building(order, argv, login), say)

    def push(self, order: Order, say: Say) -> str:
        with (
            tempfile.TemporaryDirectory(prefix="shipit-") as folder,
            self.logins.for_buildah(order.image.host) as login,
        ):
            file = Path(folder) / "digest"
            argv = arguments.buildah_push(order.name, file, is_plain=_is_here(order.image.host))
            carry_out(engine.pushing(order, argv, login), say)
            digest = file.read_text("utf-8").strip() if file.is_file() else ""
        if not is_digest(digest):
            raise ExternalError(f"buildah pushed {order.name} and named no digest")
        return digest


def labels_in(inspected: Mapping[str, Mapping[str, Mapping[str, Mapping[str, str]]]]) -> Mapping[str, str]:
    """The labels in what `buildah inspect` says."""
    config = (inspected.get("Docker") or {}).get("config") or {}
    return dict(config.get("Labels") or {})


def needs_chroot(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether buildah's usual way to run a RUN cannot work: no runtime, or root lacks rights or tools."""
    if environment.get("BUILDAH_ISOLATION"):
        return False
    path = environment.get("PATH", os.defpath)
    if not any(shutil.which(runtime, path=f"{path}:/usr/sbin:/usr/local/sbin") for runtime in ("crun", "runc")):
        return True
    return os.geteuid() == 0 and not (_may_mount() and shutil.which("iptables", path=path))


def _may_mount() -> bool:
    try:
        status = Path("/proc/self/status").read_text("ascii", "replace")
    except OSError:
        return True
    rights = dict(line.partition(":")[::2] for line in status.splitlines())
    return bool(int(rights.get("CapEff", "0").strip(), 16) & _MOUNTING)


def _storage_problems() -> Sequence[Problem]:
    try:
        finished = process.run(("buildah", "info"), timeout=_PATIENCE)
    except Stop as error:
        return (Problem("buildah does not answer", error.what, error.hint or ""),)
    if finished.code == 0:
        return ()
    return (Problem("buildah cannot work here", engine.last_line(finished.stderr), "buildah info"),)


def _is_here(host: str) -> bool:
    from shipit.adapters.oci.registry import root  # noqa: PLC0415 - with it comes httpx

    return root(host).startswith("http:")
