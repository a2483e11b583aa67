"""What the stand-in for GitHub does with releases and their assets."""

import re
from collections.abc import Callable, Mapping

from tests.support.github_call import Answer, Call, Refusal
from tests.support.github_state import Asset, Release

LONGEST_BODY = 125_000


def _list_releases(call: Call) -> Answer:
    # only those who may push see drafts
    seen = [release for release in reversed(call.repository.releases) if call.token.may_write or not release.draft]
    told = [call.shapes.release(call.repository, release) for release in seen]
    return call.page(told, f"/repos/{call.repository.name}/releases")


def _release_by_tag(call: Call) -> Answer:
    for release in call.repository.releases:
        if release.tag == call.parameters["tag"] and not release.draft:
            return Answer(200, call.shapes.release(call.repository, release))
    raise Refusal(404, "Not Found")


def _latest_release(call: Call) -> Answer:
    for release in call.repository.releases:
        if release.id == call.repository.latest:
            return Answer(200, call.shapes.release(call.repository, release))
    raise Refusal(404, "Not Found")


def _get_release(call: Call) -> Answer:
    return Answer(200, call.shapes.release(call.repository, call.find_release()))


def _create_release(call: Call) -> Answer:
    body = call.body
    made = Release(
        id=call.state.new_id(),
        tag=body["tag_name"],
        title=body.get("name"),
        body=body.get("body"),
        draft=body.get("draft", False),
        prerelease=body.get("prerelease", False),
        target=body.get("target_commitish", "main"),
    )
    _check_release(call, made)
    call.repository.releases.append(made)
    if not made.draft:
        _publish(call, made)
    return Answer(201, call.shapes.release(call.repository, made))


def _update_release(call: Call) -> Answer:
    release, body = call.find_release(), call.body
    was_draft = release.draft
    release.tag = body.get("tag_name", release.tag)
    release.title = body.get("name", release.title)
    release.body = body.get("body", release.body)
    release.prerelease = body.get("prerelease", release.prerelease)
    release.draft = body.get("draft", release.draft)
    try:
        _check_release(call, release)
    except Refusal:
        release.draft = was_draft
        raise
    if was_draft and not release.draft:
        _publish(call, release)
    return Answer(200, call.shapes.release(call.repository, release))


def _check_release(call: Call, release: Release) -> None:
    """Drafts of one tag are not told apart: GitHub makes as many as it is asked for."""
    others = [other for other in call.repository.releases if other is not release and not other.draft]
    if any(other.tag == release.tag for other in others):
        raise Refusal(422, "Validation Failed", resource="Release", code="already_exists", field="tag_name")
    if len(release.body or "") > LONGEST_BODY:
        raise Refusal(
            422,
            "Validation Failed",
            resource="Release",
            code="custom",
            message=f"body is too long (maximum is {LONGEST_BODY} characters)",
        )


def _publish(call: Call, release: Release) -> None:
    call.repository.make_tag(release.tag, release.target)
    choice = call.body.get("make_latest", "true")
    if release.prerelease or choice == "false":
        return
    latest = next((other for other in call.repository.releases if other.id == call.repository.latest), None)
    if choice == "true" or latest is None or _numbers(release.tag) > _numbers(latest.tag):
        call.repository.latest = release.id


def _numbers(tag: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", tag)]


def _list_assets(call: Call) -> Answer:
    release = call.find_release()
    told = [call.shapes.asset(call.repository, release, asset) for asset in release.assets]
    return call.page(told, f"/repos/{call.repository.name}/releases/{release.id}/assets")


def _upload_asset(call: Call) -> Answer:
    release = call.find_release()
    # GitHub renames what it does not like, and does not say so
    name = re.sub(r"[^A-Za-z0-9._-]+", ".", call.query["name"]).strip(".")
    if any(asset.name == name for asset in release.assets):
        raise Refusal(422, "Validation Failed", resource="ReleaseAsset", code="already_exists", field="name")
    made = Asset(call.state.new_id(), name, call.raw)
    release.assets.append(made)
    return Answer(201, call.shapes.asset(call.repository, release, made))


def _get_asset(call: Call) -> Answer:
    _, asset = call.find_asset()
    return Answer(302, None, {"Location": f"{call.shapes.uploads}/blob/{asset.id}"})


def _delete_asset(call: Call) -> Answer:
    release, asset = call.find_asset()
    release.assets.remove(asset)
    return Answer(204)


ROUTES: Mapping[str, Callable[[Call], Answer]] = {
    "repos/list-releases": _list_releases,
    "repos/get-release-by-tag": _release_by_tag,
    "repos/get-latest-release": _latest_release,
    "repos/get-release": _get_release,
    "repos/create-release": _create_release,
    "repos/update-release": _update_release,
    "repos/list-release-assets": _list_assets,
    "repos/upload-release-asset": _upload_asset,
    "repos/get-release-asset": _get_asset,
    "repos/delete-release-asset": _delete_asset,
}
