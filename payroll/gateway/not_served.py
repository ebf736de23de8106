"""Methods of the national interface that clients also call and this platform does not serve.

They are answered with what to do instead, so that a site's operator is not left with "no such
method". Names: 建办市〔2018〕81号 and its clients in the field.
"""

from payroll.gateway.envelope import Refused

_PROJECTS = (
    "项目由主管部门登记，接口不能新增或修改；请用 Project.Query 取得 projectCode。",
    "Projects are registered by the authority and cannot be added or changed here; take the "
    "projectCode from Project.Query.",
)
_WORKERS = ("请用 ProjectWorker.Query。", "Use ProjectWorker.Query.")
_ELSEWHERE = (
    "本平台只监管工资支付，不收集此类数据；请继续报送至建筑工人实名制平台。",
    "This platform supervises wages and does not collect these data; keep sending them to the "
    "real-name platform.",
)
_INSTEAD = {
    **dict.fromkeys(("project.add", "project.update", "project.partupdate"), _PROJECTS),
    "worker.query": _WORKERS,
    **dict.fromkeys(
        (
            *("projecttraining.add", "projecttraining.query", "workercredential.query"),
            *("corpcredential.query", "corpbadrecord.query", "corpgoodrecord.query"),
            *("corpblacklist.query", "workerbadrecord.query", "workergoodrecord.query"),
            *("workerblacklist.query", "projectbuilderlicense.query"),
        ),
        _ELSEWHERE,
    ),
}


def refusal(method: str) -> Refused:
    """What a call of a method that is not served is answered."""
    shown = method[:60]
    if instead := _INSTEAD.get(method.lower()):
        return Refused(
            -3, f"本平台不提供 {shown}。{instead[0]}", f"{shown} is not served. {instead[1]}"
        )
    return Refused(-1, f"没有方法 {shown}。", f"There is no method {shown}.")
