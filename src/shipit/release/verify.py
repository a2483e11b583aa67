"""shipit verify release: the proof of a release, asked at any later time."""

from collections.abc import Mapping

from shipit.engine import run
from shipit.errors import LiveDiffers
from shipit.output.reporter import Story
from shipit.release import recipe
from shipit.release.open_release import parts, pushed
from shipit.release.outside import World
from shipit.release.run import wanting
from shipit.versioning.tags import tag_name, version_of


def release(world: World, version: str, story: Story) -> Mapping[str, str]:
    """Look at every lasting effect of a release.

    Raises LiveDiffers if one is missing or another, Refused if shipit did not make that release.
    """
    shapes = [world.of(name).config.version.tag_format for name in ("", *world.config.packages)]
    is_tag = any(version_of(version, shape) for shape in shapes)
    tag = version if is_tag else tag_name(version, world.config.version.tag_format)
    made = parts(world, pushed(world, tag), recipe.NOBODY)
    plan = recipe.proof(made)
    seen = run.preview(plan)
    story.renderer.preview(plan.title, seen.looked, seen.checked, None)
    wrong = wanting(seen)
    if wrong:
        raise LiveDiffers(f"{tag} is not what was released", evidence=wrong, hint="shipit status")
    made.vault.clear()  # the release is complete: nothing of it need be kept here
    story.say(f"{tag} is what was released: {len(seen.looked)} effects seen with equal content")
    return {"verified": "true", "tag": tag}
