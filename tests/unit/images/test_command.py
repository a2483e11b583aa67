"""shipit build and shipit verify images, from the first look to the last tag."""

from pathlib import Path

import pytest

from shipit.engine.plan import Problem
from shipit.errors import (
    Denied,
    LiveDiffers,
    Refused,
    RolledBack,
    StoppedHalfway,
    Unavailable,
    UsageError,
)
from shipit.images.model import CREATED, REVISION, SOURCE, VERSION
from tests.unit.images.yard import MCP, SETTINGS, WEBHOOK, Yard


def own(yard: Yard, branch: str = "develop") -> str:
    return f"{branch}-{yard.head[:9]}"


class TestBuilding:
    def test_makes_every_image_on_this_machine_and_pushes_none(self, yard: Yard) -> None:
        assert yard.build() == {
            "pushed": "false",
            "version": "1.1.0",
            "mcp": f"registry.test/{MCP}:{own(yard)}",
            "webhook": f"registry.test/{WEBHOOK}:{own(yard)}",
        }
        assert sorted(order.image.key for order in yard.builder.built) == ["mcp", "webhook"]
        assert yard.registry.tags == {}

    def test_says_of_the_commit_in_labels_and_arguments(self, yard: Yard) -> None:
        yard.build("mcp")
        (order,) = yard.builder.built
        assert order.labels[REVISION] == yard.head
        assert order.labels[VERSION] == "1.1.0"
        assert order.labels[SOURCE] == "https://github.com/acme/acme"
        assert order.labels[CREATED].endswith("Z")
        assert order.image.build_args == {"VERSION": "1.1.0", "REVISION": yard.head}

    def test_without_a_page_has_no_label_for_it(self, tmp_path: Path) -> None:
        yard = Yard(tmp_path, SETTINGS + '\n[tool.shipit.forge]\nkind = "none"\n')
        yard.build("mcp")
        assert SOURCE not in yard.builder.built[0].labels

    def test_finds_the_second_time_what_it_has_made(self, yard: Yard) -> None:
        yard.build()
        yard.build()
        assert len(yard.builder.built) == 2

    def test_makes_anew_what_has_other_labels(self, yard: Yard) -> None:
        yard.builder.local[f"registry.test/{MCP}:{own(yard)}"] = {REVISION: "another"}
        yard.build("mcp")
        assert len(yard.builder.built) == 1

    def test_that_fails_leaves_nothing_but_what_was_built(self, yard: Yard) -> None:
        yard.builder.fails["webhook"] = Denied("RUN pytest failed")
        with pytest.raises(RolledBack, match="build-webhook: RUN pytest failed") as caught:
            yard.build()
        assert caught.value.evidence == (
            f"registry.test/{MCP}:{own(yard)} stays on this machine",
            "everything else is as before",
        )

    def test_of_a_detached_commit_needs_no_branch(self, yard: Yard) -> None:
        yard.checkout.branch = None
        assert yard.build("mcp")["mcp"] == f"registry.test/{MCP}:{yard.head[:9]}"

    def test_can_be_previewed(self, yard: Yard) -> None:
        yard.build(dry_run=True)
        assert yard.builder.built == []
        assert [one.name for one in yard.recorder.previews[0].looked] == ["build-mcp", "build-webhook"]


class TestPushing:
    def test_gives_the_commits_tag_and_moves_the_branchs(self, yard: Yard) -> None:
        facts = yard.push()
        digest = yard.tags(MCP)[own(yard)]
        assert yard.tags(MCP) == {own(yard): digest, "develop": digest}
        assert facts["mcp"] == f"registry.test/{MCP}@{digest}"
        assert facts["pushed"] == "true"

    def test_of_a_tagged_commit_gives_the_version_too(self, yard: Yard) -> None:
        yard.tag("v1.1.0")
        yard.tag("unrelated")
        yard.push()
        assert set(yard.tags(MCP)) == {own(yard), "develop", "v1.1.0"}
        assert len(set(yard.tags(MCP).values())) == 1

    def test_from_a_job_for_a_tag_gives_the_version_alone(self, tmp_path: Path) -> None:
        yard = Yard(tmp_path, environment={"GITHUB_REF": "refs/tags/v1.1.0"})
        yard.tag("v1.1.0")
        yard.push()
        assert set(yard.tags(MCP)) == {"v1.1.0"}

    def test_from_a_job_for_a_branch_gives_that_branchs_tags(self, tmp_path: Path) -> None:
        yard = Yard(tmp_path, environment={"GITHUB_REF": "refs/heads/main"})
        yard.checkout.branch = None
        yard.push()
        assert set(yard.tags(MCP)) == {own(yard, "main"), "main"}

    def test_for_a_named_branch_gives_its_tags(self, yard: Yard) -> None:
        yard.push(branch="feature/x")
        assert [tag.partition("-x-")[0] for tag in yard.tags(MCP)] == ["feature", "feature"]

    def test_without_a_branch_or_version_is_refused(self, yard: Yard) -> None:
        yard.checkout.branch = None
        with pytest.raises(UsageError, match="not known under which tag") as caught:
            yard.push()
        assert caught.value.hint == "--branch NAME"

    def test_the_second_time_writes_nothing(self, yard: Yard) -> None:
        first = yard.push()
        writes, pushes = list(yard.registry.writes), list(yard.builder.pushes)
        assert yard.push() == first
        assert (yard.registry.writes, yard.builder.pushes) == (writes, pushes)

    def test_from_another_machine_builds_nothing_that_is_pushed(self, yard: Yard) -> None:
        yard.push()
        yard.builder.local.clear()
        yard.builder.built.clear()
        yard.push()
        assert yard.builder.built == []

    def test_puts_the_commits_tag_on_what_a_release_has_pushed(self, yard: Yard) -> None:
        """A job for the tag was faster than that for the branch: one commit has one image."""
        yard.tag("v1.1.0")
        digest = yard.pushed_by_another(MCP, "v1.1.0", yard.head)
        yard.push("mcp")
        assert yard.builder.built == []
        assert yard.tags(MCP) == {"v1.1.0": digest, own(yard): digest, "develop": digest}

    def test_leaves_the_branchs_tag_to_a_later_commit(self, yard: Yard) -> None:
        earlier = yard.head
        later = yard.commit("feat: more\n")
        digest = yard.pushed_by_another(MCP, "develop", later)
        yard.checkout.tips["HEAD"] = yard.head = earlier
        yard.push("mcp")
        assert yard.tags(MCP)["develop"] == digest
        assert yard.tags(MCP)[own(yard)] != digest

    @pytest.mark.parametrize("commit", ["", "f" * 40])
    def test_takes_the_branchs_tag_from_a_commit_that_nobody_knows(self, yard: Yard, commit: str) -> None:
        digest = yard.pushed_by_another(MCP, "develop", commit)
        yard.push("mcp")
        assert yard.tags(MCP)["develop"] != digest

    def test_fails_half_way_where_one_image_is_pushed(self, yard: Yard) -> None:
        yard.builder.fails["push webhook"] = Unavailable("no answer")
        with pytest.raises(StoppedHalfway, match="push-webhook: no answer") as caught:
            yard.push()
        assert "run the same command again" in (caught.value.hint or "")
        assert "develop" not in yard.tags(MCP)
        yard.builder.fails.clear()
        yard.push()
        assert yard.builder.pushes.count(f"registry.test/{MCP}:{own(yard)}") == 1
        assert {"develop", own(yard)} == set(yard.tags(WEBHOOK))

    def test_that_fails_at_once_has_changed_nothing(self, yard: Yard) -> None:
        yard.builder.fails["push mcp"] = Denied("no right to push")
        with pytest.raises(RolledBack, match="push-mcp: no right to push"):
            yard.push()
        assert yard.registry.tags == {}


class TestWhatTheRegistrySays:
    def test_another_image_under_the_version_is_refused_before_anything_is_built(self, yard: Yard) -> None:
        yard.tag("v1.1.0")
        digest = yard.pushed_by_another(MCP, "v1.1.0", "e" * 40)
        with pytest.raises(Refused) as caught:
            yard.push()
        assert any(f"v1.1.0 is an image of eeeeeeeeee, {digest}" in line for line in caught.value.evidence)
        assert yard.builder.built == []

    def test_an_image_without_labels_under_the_commits_tag_is_refused(self, yard: Yard) -> None:
        yard.pushed_by_another(MCP, own(yard), "")
        with pytest.raises(Refused) as caught:
            yard.push("mcp")
        assert any("an image without a commit in its labels" in line for line in caught.value.evidence)

    def test_two_images_of_one_commit_under_two_lasting_tags_are_refused(self, yard: Yard) -> None:
        yard.tag("v1.1.0")
        yard.pushed_by_another(MCP, own(yard), yard.head)
        yard.pushed_by_another(MCP, "v1.1.0", yard.head, ["linux/amd64", "linux/arm64"])
        with pytest.raises(Refused) as caught:
            yard.push("mcp")
        assert any("and what was pushed is" in line for line in caught.value.evidence)

    def test_a_missing_platform_is_refused(self, tmp_path: Path) -> None:
        settings = SETTINGS.replace(
            'name = "acme-mcp",', 'name = "acme-mcp", platforms = ["linux/amd64", "linux/arm64"],'
        )
        yard = Yard(tmp_path, settings)
        yard.pushed_by_another(MCP, own(yard), yard.head)
        with pytest.raises(Refused) as caught:
            yard.push("mcp")
        assert any("is not there for linux/arm64" in line for line in caught.value.evidence)

    def test_a_manifest_that_is_deleted_after_the_push_is_no_success(self, yard: Yard) -> None:
        yard.builder.after_push = yard.registry.images.clear
        with pytest.raises(RolledBack, match="its effect is not there"):
            yard.push("mcp")

    def test_a_tag_that_somebody_moved_after_the_push_is_not_ours(self, yard: Yard) -> None:
        yard.builder.after_push = lambda: yard.pushed_by_another(MCP, own(yard), "e" * 40)
        with pytest.raises(RolledBack, match="push-mcp"):
            yard.push("mcp")

    def test_a_manifest_that_is_deleted_before_its_tags_are_put_is_said(self, yard: Yard) -> None:
        def delete() -> None:
            if len(yard.builder.pushes) == 2:
                yard.registry.images = {key: one for key, one in yard.registry.images.items() if key[0] != MCP}

        yard.builder.after_push = delete
        with pytest.raises(StoppedHalfway, match="is gone from the registry"):
            yard.push()

    def test_that_it_does_not_answer_is_no_conflict(self, yard: Yard) -> None:
        yard.registry.trouble = Unavailable("the registry does not answer")
        with pytest.raises(Refused) as caught:
            yard.push()
        assert "build-mcp: cannot be looked at" in caught.value.evidence


class TestBeforeAnythingIsBuilt:
    def test_the_builder_is_asked(self, yard: Yard) -> None:
        yard.builder.found.append(Problem("the docker daemon does not run"))
        with pytest.raises(Refused) as caught:
            yard.build()
        assert "the docker daemon does not run" in caught.value.evidence

    def test_a_file_that_is_not_committed_is_named_with_its_key(self, tmp_path: Path) -> None:
        yard = Yard(tmp_path, SETTINGS + 'docs = { file = "Dockerfile.docs", context = "site" }\n')
        with pytest.raises(Refused) as caught:
            yard.build()
        assert caught.value.evidence == (
            f"Dockerfile.docs is not in {yard.head[:10]}",
            "  images.docs.file",
            f"site is not in {yard.head[:10]}",
            "  images.docs.context",
        )

    def test_work_in_hand_is_said_to_be_left_out(self, yard: Yard) -> None:
        yard.checkout.in_hand += ["a.py", "b.py", "c.py", "d.py", "e.py"]
        yard.build(dry_run=True)
        (problem,) = next(one for one in yard.recorder.previews[0].checked if one.name == "work-tree").problems
        assert problem.is_warning
        assert problem.evidence == "a.py, b.py, c.py and 2 more"

    def test_an_unknown_image_is_named_beside_the_known_ones(self, yard: Yard) -> None:
        with pytest.raises(UsageError, match="there is no image mpc") as caught:
            yard.build("mpc")
        assert caught.value.evidence == ("configured: mcp, webhook",)

    def test_nothing_is_built_where_nothing_is_configured(self, tmp_path: Path) -> None:
        yard = Yard(tmp_path, SETTINGS.partition("[tool.shipit.images]")[0])
        with pytest.raises(UsageError, match="no image is configured"):
            yard.build()

    def test_without_a_commit_there_is_nothing_to_build(self, yard: Yard) -> None:
        yard.checkout.tips.clear()
        with pytest.raises(UsageError, match="nothing is committed yet"):
            yard.build()


class TestVerifying:
    def test_finds_what_was_pushed(self, yard: Yard) -> None:
        facts = yard.push()
        assert yard.verify() == {"verified": "true", **facts}
        assert yard.recorder.said == [
            f"the images of 1.1.0 ({yard.head[:10]}) are what was built: 4 names seen in the registry"
        ]

    def test_of_a_version_asks_for_its_tag_alone(self, yard: Yard) -> None:
        yard.tag("v1.1.0")
        yard.push()
        yard.checkout.branch = None
        digest = yard.tags(MCP)["v1.1.0"]
        for version in ("1.1.0", "v1.1.0"):
            assert yard.verify(version)["mcp"] == f"registry.test/{MCP}@{digest}"
        assert len(yard.recorder.previews[-1].looked) == 2

    def test_needs_no_builder(self, yard: Yard) -> None:
        yard.push()
        del vars(yard.outside)["builder"]
        assert yard.verify()["verified"] == "true"
        assert "builder" not in vars(yard.outside)

    @pytest.mark.parametrize("commit", ["", "e" * 40])
    def test_of_another_commits_image_fails(self, yard: Yard, commit: str) -> None:
        yard.tag("v1.1.0")
        yard.push()
        yard.pushed_by_another(WEBHOOK, "v1.1.0", commit)
        with pytest.raises(LiveDiffers) as caught:
            yard.verify("1.1.0")
        assert len(caught.value.evidence) == 1
        assert caught.value.evidence[0].startswith("tag-webhook-v1.1.0: v1.1.0 is an image ")

    def test_of_what_was_never_pushed_fails(self, yard: Yard) -> None:
        with pytest.raises(LiveDiffers) as caught:
            yard.verify()
        assert caught.value.hint == "shipit build --push"

    def test_that_cannot_look_is_no_difference(self, yard: Yard) -> None:
        yard.push()
        yard.registry.trouble = Unavailable("the registry does not answer")
        with pytest.raises(Refused, match="it is not known whether all of it is there"):
            yard.verify()

    def test_of_an_unknown_version_is_refused(self, yard: Yard) -> None:
        with pytest.raises(Refused, match=r"there is no tag v9\.9\.9 on origin"):
            yard.verify("9.9.9")

    def test_of_a_release_that_is_not_here_brings_it(self, yard: Yard) -> None:
        yard.tag("v1.1.0")
        yard.push()
        yard.objects.store.clear()
        assert yard.verify("1.1.0")["verified"] == "true"

    def test_of_a_detached_commit_wants_a_version(self, yard: Yard) -> None:
        yard.checkout.branch = None
        with pytest.raises(UsageError, match="which images"):
            yard.verify()
