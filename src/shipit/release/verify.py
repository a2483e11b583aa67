"""shipit verify release: the proof of a release, asked at any later time."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from shipit.config import for_package
from shipit.config.foreign_files import first
from shipit.config.settings import make_settings
from shipit.config.sources import OWN, PYPROJECT, documents, parse_toml
from shipit.engine.preview import preview
from shipit.errors import LiveDiffers, Refused, Stop, UsageError
from shipit.output.reporter import Reporter
from shipit.release import recipe
from shipit.release.lock import UNHELD
from shipit.release.model import Release
from shipit.release.open_release import context, pushed
from shipit.release.outside import Outside
from shipit.release.run import missing
from shipit.release.texts import reader
from shipit.versioning.lock_files import Read
from shipit.versioning.number import parse
from shipit.versioning.tags import tag_name, version_of
from shipit.versioning.version_files import present, versions


def release(outside: Outside, version: str, reporter: Reporter) -> Mapping[str, str]:
    """Look at every lasting effect of a release, and at the version in its files.

    Raises LiveDiffers if one is missing or another, Refused if shipit did not make that release.
    """
    shapes = [outside.of(name).config.version.tag_format for name in ("", *outside.config.packages)]
    is_tag = any(version_of(version, shape) for shape in shapes)
    tag = version if is_tag else tag_name(version, outside.config.version.tag_format)
    made = context(outside, pushed(outside, tag), UNHELD)
    seen = preview(recipe.proof(made))
    reporter.renderer.preview(seen)
    wrong = [*missing(seen), *_other_versions(outside, made.release)]
    if wrong:
        raise LiveDiffers(f"{tag} is not what was released", evidence=wrong, hint="shipit status")
    made.artifacts.clear()  # the release is complete: nothing of it need be kept here
    reporter.say(f"{tag} is what was released: {len(seen.looked)} effects seen with equal content")
    return {"verified": "true", "tag": tag}


def _other_versions(outside: Outside, release: Release) -> Iterator[str]:
    """The version files of the released commit that do not hold the version, each as a line of evidence."""
    read = reader(outside.objects, release.tagged_commit)
    for location in _version_files(outside, release, read):
        try:
            found = versions([location], read)[location]
        except Stop as error:
            yield f"version: {location}: {error.what}"
        else:
            if found != parse(release.version):
                yield f"version: {location} holds {found}, not {release.version}"


def _version_files(outside: Outside, release: Release, read: Read) -> Sequence[str]:
    """Where the released commit itself says that the version is: version.files may have changed since.

    If this version of shipit does not take that configuration: the places of today's that hold a version there.
    """
    try:
        texts = {name: read(name) for name in (PYPROJECT, OWN)}
        tables = {name: parse_toml(text, name) if text else None for name, text in texts.items()}
        found = documents(tables[PYPROJECT], tables[OWN], first(read))
        lenient = _lenient(read)
        config = make_settings(outside.top, replace(found, text=lenient)).config
        if release.package:
            config = for_package(outside.top, config, release.package, lenient)
    except UsageError:
        return present(outside.of(release.package).config.version.files, read)
    return config.version.files


def _lenient(read: Read) -> Read:
    """The same files; what is no text is as good as not there."""

    def text(path: str) -> str | None:
        try:
            return read(path)
        except Refused:
            return None

    return text
