"""A package that does not exist, for scanners that read what is installed: who lists it has looked."""

from pathlib import Path

NAME = "shipit-canary"
VERSION = "0.0.1"
LICENSE = "LicenseRef-shipit-canary"

_METADATA = f"Metadata-Version: 2.4\nName: {NAME}\nVersion: {VERSION}\nLicense-Expression: {LICENSE}\n"


def write_package(folder: Path) -> Path:
    """Write its metadata, as if it were installed, and return the folder to look for packages in."""
    packages = folder / "packages"
    place = packages / f"shipit_canary-{VERSION}.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text(_METADATA, "utf-8")
    return packages
