"""How the stand-in for GitHub writes its state down: the JSON objects of the description."""

from collections.abc import Mapping
from typing import Any

from tests.support.github_security_state import Note
from tests.support.github_state import (
    Asset,
    CheckRun,
    Deployment,
    Pull,
    Release,
    Repository,
    Rule,
    Run,
    State,
    Token,
)
from tests.support.skeleton import skeleton

TIME = "2026-01-01T00:00:00Z"


class Shapes:
    """`api` and `uploads` are the roots that addresses in answers start with."""

    def __init__(self, document: Mapping[str, Any], state: State, api: str, uploads: str) -> None:
        self.document = document
        self._state = state
        self.api = api
        self.uploads = uploads

    def repository(self, repository: Repository, token: Token, schema: str = "full-repository") -> dict[str, Any]:
        admin, write = token.right == "admin", token.may_write and not token.installation
        return self._of(schema) | {
            "full_name": repository.name,
            "name": repository.name.partition("/")[2],
            "html_url": self._page(repository),
            "default_branch": "main",
            "archived": repository.archived,
            "owner": self._user(repository.name.partition("/")[0]),
            "permissions": {"admin": admin, "push": write, "pull": True},
        }

    def release(self, repository: Repository, release: Release) -> dict[str, Any]:
        path = f"/repos/{repository.name}/releases/{release.id}"
        page = f"untagged-{release.id}" if release.draft else release.tag
        return self._of("release") | {
            "id": release.id,
            "url": self.api + path,
            "assets_url": f"{self.api}{path}/assets",
            "upload_url": f"{self.uploads}{path}/assets{{?name,label}}",
            "html_url": f"{self._page(repository)}/releases/tag/{page}",
            "tag_name": release.tag,
            "target_commitish": release.target,
            "name": release.title,
            "body": release.body,
            "draft": release.draft,
            "prerelease": release.prerelease,
            "published_at": None if release.draft else TIME,
            "assets": [self.asset(repository, release, asset) for asset in release.assets],
        }

    def asset(self, repository: Repository, release: Release, asset: Asset) -> dict[str, Any]:
        finished = asset.state == "uploaded"
        return self._of("release-asset") | {
            "id": asset.id,
            "name": asset.name,
            "url": f"{self.api}/repos/{repository.name}/releases/assets/{asset.id}",
            "browser_download_url": f"{self._page(repository)}/releases/download/{release.tag}/{asset.name}",
            "content_type": "application/octet-stream",
            "state": asset.state,
            "size": len(asset.data),
            "digest": asset.digest if finished and self._state.tells_digests else None,
        }

    def pull(self, repository: Repository, pull: Pull, schema: str = "pull-request-simple") -> dict[str, Any]:
        made = self._of(schema)
        merged = pull.merge_commit is not None
        made["head"] |= {
            "ref": pull.head,
            "sha": pull.head_sha,
            "label": f"{self._owner(repository)}:{pull.head}",
        }
        made["base"] |= {"ref": pull.base, "label": f"{self._owner(repository)}:{pull.base}"}
        full = {"merged": merged} if schema == "pull-request" else {}
        return (
            made
            | full
            | {
                "number": pull.number,
                "state": pull.state,
                "title": pull.title,
                "body": pull.body,
                "html_url": f"{self._page(repository)}/pull/{pull.number}",
                "merged_at": TIME if merged else None,
                "closed_at": TIME if pull.state == "closed" else None,
                # until the merge this is GitHub's trial merge, which is on no branch
                "merge_commit_sha": pull.merge_commit or "f" * 40,
            }
        )

    def branch(self, repository: Repository, branch: str) -> dict[str, Any]:
        is_protected = branch in repository.protection
        return self._of("branch-with-protection") | {
            "name": branch,
            "protected": is_protected,
            "protection": {"enabled": is_protected},
        }

    def rule(self, repository: Repository, rule: Rule) -> dict[str, Any]:
        told = {"type": rule.type, "ruleset_source_type": "Repository", "ruleset_source": repository.name}
        parameters = {"parameters": dict(rule.parameters)} if rule.parameters is not None else {}
        return {**told, "ruleset_id": rule.id, **parameters}

    def ruleset(self, repository: Repository, rule: Rule) -> dict[str, Any]:
        return self._of("repository-ruleset") | {
            "id": rule.id,
            "name": f"guard {rule.branch}",
            "source": repository.name,
            "enforcement": "active",
            "current_user_can_bypass": rule.bypass,
        }

    def workflow(self, repository: Repository, workflow: str) -> dict[str, Any]:
        return self._of("workflow") | {
            "name": workflow.partition(".")[0],
            "path": f".github/workflows/{workflow}",
            "state": "disabled_manually" if workflow in repository.disabled else "active",
            "html_url": f"{self._page(repository)}/blob/main/.github/workflows/{workflow}",
        }

    def run(self, repository: Repository, run: Run) -> dict[str, Any]:
        ours = [other.id for other in repository.runs if other.workflow == run.workflow]
        return self._of("workflow-run") | {
            "id": run.id,
            "run_number": 1 + ours.index(run.id),
            "head_branch": run.ref,
            "head_sha": run.sha,
            "event": run.event,
            "path": f".github/workflows/{run.workflow}",
            "status": "queued",
            "html_url": f"{self._page(repository)}/actions/runs/{run.id}",
        }

    def check_run(self, repository: Repository, run: CheckRun) -> dict[str, Any]:
        return self._of("check-run") | {
            "id": run.id,
            "name": run.name,
            "head_sha": run.sha,
            "status": "completed" if run.conclusion else "in_progress",
            "conclusion": run.conclusion,
            "html_url": f"{self._page(repository)}/runs/{run.id}",
        }

    def status(self, repository: Repository, run: CheckRun) -> dict[str, Any]:
        return self._of("simple-commit-status") | {
            "id": run.id,
            "context": run.name,
            "state": run.conclusion or "pending",
            "target_url": None,
            "url": f"{self.api}/repos/{repository.name}/statuses/{run.sha}",
        }

    def combined_status(self, repository: Repository, sha: str, statuses: list[Any]) -> dict[str, Any]:
        states = {status["state"] for status in statuses}
        state = "failure" if states & {"failure", "error"} else "success" if states == {"success"} else "pending"
        return self._of("combined-commit-status") | {
            "sha": sha,
            "state": state,
            "statuses": statuses,
            "total_count": len(statuses),
        }

    def deployment(self, repository: Repository, made: Deployment) -> dict[str, Any]:
        asked = made.asked
        return self._of("deployment") | {
            "id": made.id,
            "url": f"{self.api}/repos/{repository.name}/deployments/{made.id}",
            "ref": asked["ref"],
            "sha": asked["ref"],
            "task": asked.get("task", "deploy"),
            "payload": asked.get("payload", ""),
            "environment": asked.get("environment", "production"),
            "original_environment": asked.get("environment", "production"),
            "description": asked.get("description"),
            "production_environment": asked.get("production_environment", False),
        }

    def deployment_status(self, number: int, asked: Mapping[str, Any]) -> dict[str, Any]:
        names = ("state", "description", "log_url", "environment_url")
        return self._of("deployment-status") | {
            "id": number,
            **{name: asked[name] for name in names if name in asked},
        }

    def comment(self, repository: Repository, note: Note) -> dict[str, Any]:
        login = "github-actions[bot]" if note.is_bot else f"person-{note.author}"
        kind = "Bot" if note.is_bot else "User"
        return self._of("issue-comment") | {
            "id": note.id,
            "body": note.body,
            "user": self._user(login) | {"id": note.author, "type": kind},
            "html_url": f"{self._page(repository)}/pull/{note.issue}#issuecomment-{note.id}",
        }

    def account(self, token: Token) -> dict[str, Any]:
        """Whoever has a personal token."""
        known = {"login": f"person-{token.account}", "id": token.account, "user_view_type": "private"}
        return self._of("private-user") | known

    def _of(self, schema: str) -> dict[str, Any]:
        return skeleton(self.document, schema)

    def _user(self, login: str) -> dict[str, Any]:
        return self._of("simple-user") | {"login": login}

    def _page(self, repository: Repository) -> str:
        return f"{self.api.partition('/api/')[0]}/{repository.name}"

    @staticmethod
    def _owner(repository: Repository) -> str:
        return repository.name.partition("/")[0]
