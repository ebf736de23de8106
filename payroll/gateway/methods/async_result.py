"""AsyncHandleResult.Query: what became of a push."""

from typing import Any

from payroll.checks.messages import render
from payroll.gateway import inbox
from payroll.gateway.envelope import Call, Refused
from payroll.gateway.methods.base import Method, register, text
from payroll.models import Feed, FeedIssue
from projects.models import Team

WAITING, FAILED, DONE = 0, 10, 20
MOST_ERRORS = 200


class AsyncResult(Method):
    """status 0 waiting, 10 failed (nothing was taken), 20 done; `result` the errors by row."""

    def answer(self, call: Call) -> dict[str, Any]:
        code = text(call.data.get("requestserialcode"))
        push = inbox.kept(code, call.caller.key)
        if push is None:
            raise Refused(
                -1, f"没有流水号 {code[:60]}。", f"There is no requestSerialCode {code[:60]}."
            )
        feed = Feed.objects.filter(call=push).first()
        if feed is None or feed.is_open:
            return {"requestSerialCode": code, "status": WAITING, "result": []}
        failed = feed.status == Feed.Status.REJECTED
        answer: dict[str, Any] = {
            "requestSerialCode": code,
            "status": FAILED if failed else DONE,
            "rows": feed.rows,
            "result": [],
        }
        if feed.issues_total or not failed:
            answer["errorCount"] = feed.issues_total
            answer["result"] = [_said(i) for i in _issues(feed, "error")]
            answer["hints"] = [_said(i) for i in _issues(feed, "hint")]
        if push.method.startswith("Team.") and not failed:
            known = Team.objects.filter(project=push.project_id)
            answer["teamSysNo"] = (
                known.filter(**inbox.team_of(push)).values_list("pk", flat=True).first()
            )
        return answer


def _issues(feed: Feed, severity: str) -> Any:
    return feed.issues.filter(severity=severity).order_by("row", "pk")[:MOST_ERRORS]


def _said(issue: FeedIssue) -> dict[str, Any]:
    said = render(issue)
    return {
        "row": issue.row,
        "column": issue.column,
        "value": issue.value,
        "code": issue.code,
        "message": f"{said.zh} {said.en}",
    }


register(AsyncResult("AsyncHandleResult.Query", project=False))
