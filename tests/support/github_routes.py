"""What the stand-in for GitHub does for each operation of the description."""

from collections.abc import Callable, Mapping
from urllib.parse import parse_qs

from tests.support import (
    github_deployment_routes,
    github_protection_routes,
    github_release_routes,
    github_security_routes,
)
from tests.support.description import Asked, Operation
from tests.support.github_call import Answer, Call, Refusal, refused
from tests.support.github_shapes import Shapes
from tests.support.github_state import Pull, State, Token


def perform(state: State, shapes: Shapes, token: Token, operation: Operation, asked: Asked) -> Answer:
    """Do the work of a request that is valid and whose token is known."""
    given = operation.parameters
    if operation.name == "users/get-authenticated":
        return _user(shapes, token)
    if operation.name in github_protection_routes.PEOPLE:
        return github_protection_routes.person(state, shapes, operation.name, given)
    if "owner" not in given:
        return _installation(state, shapes, token)
    repository = state.repositories.get(f"{given['owner']}/{given['repo']}".lower())
    if repository is None:
        return refused(404, "Not Found")
    if asked.method not in {"GET", "HEAD"} and not token.may_write:
        kind = "integration" if token.installation else "personal access token"
        return refused(403, f"Resource not accessible by {kind}")
    query = {name: values[-1] for name, values in parse_qs(asked.query).items()}
    try:
        return ROUTES[operation.name](Call(state, shapes, token, repository, given, query, asked.body))
    except Refusal as refusal:
        return refusal.answer


def _user(shapes: Shapes, token: Token) -> Answer:
    if token.installation:
        return refused(403, "Resource not accessible by integration")
    return Answer(200, shapes.account(token))


def _installation(state: State, shapes: Shapes, token: Token) -> Answer:
    if not token.installation:
        return refused(403, "You must authenticate with an installation access token")
    told = [shapes.repository(repository, token, "repository") for repository in state.repositories.values()]
    return Answer(200, {"total_count": len(told), "repositories": told[:1]})


def _get_repository(call: Call) -> Answer:
    return Answer(200, call.shapes.repository(call.repository, call.token))


def _get_branch(call: Call) -> Answer:
    branch = call.parameters["branch"]
    if call.repository.sha(f"refs/heads/{branch}") is None:
        raise Refusal(404, "Branch not found")
    return Answer(200, call.shapes.branch(call.repository, branch))


def _list_pulls(call: Call) -> Answer:
    owner = call.repository.name.partition("/")[0]
    state, head, base = call.query.get("state", "open"), call.query.get("head"), call.query.get("base")
    kept = [
        pull
        for pull in reversed(call.repository.pulls)
        if state in {"all", pull.state} and head in {None, f"{owner}:{pull.head}"} and base in {None, pull.base}
    ]
    told = [call.shapes.pull(call.repository, pull) for pull in kept]
    return call.page(told, f"/repos/{call.repository.name}/pulls")


def _get_pull(call: Call) -> Answer:
    return Answer(200, call.shapes.pull(call.repository, call.find_pull(), "pull-request"))


def _create_pull(call: Call) -> Answer:
    body, repository = call.body, call.repository
    if any(
        pull.state == "open" and (pull.head, pull.base) == (body["head"], body["base"]) for pull in repository.pulls
    ):
        owner = repository.name.partition("/")[0]
        message = f"A pull request already exists for {owner}:{body['head']}."
        raise Refusal(422, "Validation Failed", resource="PullRequest", code="custom", message=message)
    sha = repository.sha(f"refs/heads/{body['head']}")
    if sha is None:
        raise Refusal(422, "Validation Failed", resource="PullRequest", code="invalid", field="head")
    number = len(repository.pulls) + 1
    made = Pull(number, body["head"], body["base"], body["title"], body.get("body"), sha)
    repository.pulls.append(made)
    return Answer(201, call.shapes.pull(repository, made, "pull-request"))


def _update_pull(call: Call) -> Answer:
    pull, body = call.find_pull(), call.body
    pull.state = body.get("state", pull.state)
    pull.title = body.get("title", pull.title)
    pull.body = body.get("body", pull.body)
    return Answer(200, call.shapes.pull(call.repository, pull, "pull-request"))


def _get_workflow(call: Call) -> Answer:
    return Answer(200, call.shapes.workflow(call.repository, _workflow(call)))


def _list_runs(call: Call) -> Answer:
    workflow, repository = _workflow(call), call.repository
    event, branch = call.query.get("event"), call.query.get("branch")
    kept = [
        run
        for run in reversed(repository.runs)
        if run.workflow == workflow and event in {None, run.event} and branch in {None, run.ref}
    ]
    told = [call.shapes.run(repository, run) for run in kept if not run.hidden]
    for run in kept:
        run.hidden = max(0, run.hidden - 1)
    page = call.page(told, f"/repos/{repository.name}/actions/workflows/{workflow}/runs")
    return Answer(200, {"total_count": len(told), "workflow_runs": page.body}, page.headers)


def _dispatch(call: Call) -> Answer:
    workflow, ref = _workflow(call), call.body["ref"]
    if workflow in call.repository.disabled:
        raise Refusal(422, "Cannot trigger a 'workflow_dispatch' on a disabled workflow")
    if not call.repository.ref_exists(ref):
        raise Refusal(422, f"No ref found for: {ref}")
    call.repository.start(workflow, ref)
    return Answer(204)


def _check_runs(call: Call) -> Answer:
    repository, sha = call.repository, call.parameters["ref"]
    kept = [run for run in reversed(repository.checks) if run.sha == sha and not run.context]
    page = call.page(kept, f"/repos/{repository.name}/commits/{sha}/check-runs")
    told = [call.shapes.check_run(repository, run) for run in page.body]
    return Answer(200, {"total_count": len(kept), "check_runs": told}, page.headers)


def _combined_status(call: Call) -> Answer:
    repository, sha = call.repository, call.parameters["ref"]
    if repository.sha(f"{sha}^{{commit}}") is None:
        raise Refusal(404, "Not Found")
    newest = {run.name: run for run in repository.checks if run.sha == sha and run.context}
    page = call.page(list(newest.values()), f"/repos/{repository.name}/commits/{sha}/status")
    told = [call.shapes.status(repository, run) for run in page.body]
    return Answer(200, call.shapes.combined_status(repository, sha, told), page.headers)


def _workflow(call: Call) -> str:
    workflow = call.parameters["workflow_id"]
    if workflow not in call.repository.workflows:
        raise Refusal(404, "Not Found")
    return workflow


ROUTES: Mapping[str, Callable[[Call], Answer]] = {
    **github_release_routes.ROUTES,
    **github_deployment_routes.ROUTES,
    **github_protection_routes.ROUTES,
    **github_security_routes.ROUTES,
    "repos/get": _get_repository,
    "repos/get-branch": _get_branch,
    "checks/list-for-ref": _check_runs,
    "repos/get-combined-status-for-ref": _combined_status,
    "pulls/list": _list_pulls,
    "pulls/get": _get_pull,
    "pulls/create": _create_pull,
    "pulls/update": _update_pull,
    "actions/get-workflow": _get_workflow,
    "actions/list-workflow-runs": _list_runs,
    "actions/create-workflow-dispatch": _dispatch,
}
