"""shipit verify release: the proof of a release, asked at any later time."""

from collections.abc import Mapping

from shipit.engine.preview import preview
from shipit.errors import LiveDiffers
from shipit.output.reporter import Reporter
from shipit.release import recipe
from shipit.release.lock import UNHELD
from shipit.release.open_release import context, pushed
from shipit.release.outside import Outside
from shipit.release.run import missing
from shipit.versioning.tags import tag_name, version_of


def release(outside: Outside, version: str, reporter: Reporter) -> Mapping[str, str]:
    """Look at every lasting effect of a release.

    Raises LiveDiffers if one is missing or another, Refused if shipit did not make that release.
    """
    shapes = [outside.of(name).config.version.tag_format for name in ("", *outside.config.packages)]
    is_tag = any(version_of(version, shape) for shape in shapes)
    tag = version if is_tag else tag_name(version, outside.config.version.tag_format)
    made = context(outside, pushed(outside, tag), UNHELD)
    seen = preview(recipe.proof(made))
    reporter.renderer.preview(seen)
    wrong = missing(seen)
    if wrong:
        raise LiveDiffers(f"{tag} is not what was released", evidence=wrong, hint="shipit status")
    made.artifacts.clear()  # the release is complete: nothing of it need be kept here
    reporter.say(f"{tag} is what was released: {len(seen.looked)} effects seen with equal content")
    return {"verified": "true", "tag": tag}
