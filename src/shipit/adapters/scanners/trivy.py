"""trivy on each image: in an empty folder and without most of its variables, so that no file narrows its look."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from shipit.adapters import process
from shipit.adapters.scanners.running import Program, Unreadable, beside, run
from shipit.adapters.scanners.trivy_report import CANARY, Image, is_found, read_image, read_version
from shipit.engine.plan import Say
from shipit.scans.model import Sighting
from shipit.scans.settings import ScanSettings

PROGRAM = Program("trivy", "as its documentation says, or the action aquasecurity/setup-trivy")
VERSION = ("trivy", "version", "--format", "json")

_LOGIN = frozenset({"TRIVY_USERNAME", "TRIVY_PASSWORD", "TRIVY_REGISTRY_TOKEN"})
"""What trivy logs in to registries with; meant for it, so that it sees them though they are withheld."""
_KEPT = _LOGIN | {
    *("TRIVY_CACHE_DIR", "TRIVY_DB_REPOSITORY", "TRIVY_JAVA_DB_REPOSITORY", "TRIVY_SKIP_DB_UPDATE"),
    *("TRIVY_INSECURE", "TRIVY_CACERT", "TRIVY_PLATFORM", "TRIVY_SKIP_JAVA_DB_UPDATE", "TRIVY_OFFLINE_SCAN"),
}
"""Where things come from. Others, such as TRIVY_SEVERITY and TRIVY_SKIP_FILES, leave findings out."""
_FIXED = (
    *("--format", "json", "--scanners", "vuln", "--list-all-pkgs", "--no-progress", "--exit-code", "0"),
    *("--severity", "UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL"),
)


@dataclass(frozen=True, slots=True)
class Trivy:
    """Looks for known vulnerabilities in the images of the configuration; plays gates.ports.Scanner.

    One image after another: two runs at once cannot share the cache.
    """

    settings: ScanSettings
    name: str = "trivy"

    def nothing(self) -> str:
        return "" if self.settings.images else "no images are configured"

    def scan(self, say: Say) -> Sighting:
        with beside() as folder:
            return self._looked(folder)

    def _looked(self, folder: Path) -> Sighting:
        commands = [fs_argv(_plant(folder), self.settings.timeout)]
        faults: list[str] = []
        images: list[Image] = []
        is_alive = False
        try:
            is_alive = is_found(self._run(commands[0], folder))  # fetches the database as well
            commands += [image_argv(reference, self.settings.timeout) for _, reference in self.settings.images]
            for (name, reference), command in zip(self.settings.images, commands[1:], strict=True):
                images.append(read_image(self._look_at(reference, command, folder), name, reference))
        except Unreadable as error:
            faults.append(f"trivy could not look for what was planted: {error}")
        tool, database = read_version(self._run(VERSION, folder), datetime.now(UTC))
        faults += [database, *(image.fault for image in images)]
        return Sighting(
            seen=sum(not image.fault for image in images),
            expected=len(self.settings.images),
            unit="images",
            alive=is_alive,
            findings=tuple(finding for image in images for finding in image.findings),
            fault="; ".join(filter(None, faults)),
            tool=tool,
            commands=tuple(commands),
            parts=tuple(image.name for image in images),
        )

    def _look_at(self, reference: str, command: tuple[str, ...], folder: Path) -> process.Finished:
        """Run it with the login of this image's registry; a variable of trivy would go to every other host, too."""
        with self.settings.login(reference.partition("/")[0]) as login:
            return self._run(command, folder, login)

    def _run(
        self, command: tuple[str, ...], folder: Path, login: Mapping[str, str | None] | None = None
    ) -> process.Finished:
        given = {**environment({**os.environ, **self.settings.environment}, os.environ), **(login or {})}
        return run(PROGRAM, command, self.settings, cwd=folder, env=given)


def image_argv(reference: str, seconds: float) -> tuple[str, ...]:
    """Make the command line for one image; one with a digest is taken from its registry, whatever lies here.

    Not `--quiet`: it hides the reason of a failure as well.
    """
    source = ("--image-src", "remote") if "@" in reference else ()
    return ("trivy", "image", *_FIXED, *source, "--timeout", f"{seconds:.0f}s", reference)


def fs_argv(folder: Path, seconds: float) -> tuple[str, ...]:
    """Make the command line for the folder with the planted package."""
    return ("trivy", "fs", *_FIXED, "--timeout", f"{seconds:.0f}s", str(folder))


def _plant(folder: Path) -> Path:
    name, version = CANARY
    place = folder / "canary"
    place.mkdir()
    (place / "requirements.txt").write_text(f"{name}=={version}\n", "utf-8")
    return place


def environment(seen: Mapping[str, str | None], own: Mapping[str, str]) -> dict[str, str | None]:
    """Remove trivy's variables but for those that are kept; `own` has its login, which others do not see."""
    gone = {name: None for name in seen if name.startswith("TRIVY_") and name not in _KEPT}
    login = {name: own[name] for name in _LOGIN if name in own}
    return {**gone, **login, "TRIVY_SKIP_VERSION_CHECK": "true", "TRIVY_DISABLE_TELEMETRY": "true"}
