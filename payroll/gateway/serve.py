"""One call from its form to its answer."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from payroll.gateway import envelope, inbox, methods, not_served
from payroll.gateway.envelope import Call, Refused
from payroll.gateway.methods.base import Push, text


def answer(form: Mapping[str, str], address: str, now: dt.datetime) -> dict[str, Any]:
    """The JSON of the answer: code 0, or what was refused and why."""
    try:
        call = envelope.opened(form, address, now)
        method = _allowed(call)
        if not isinstance(method, Push):
            inbox.note(call, method.name)
        return {"code": "0", "message": "", "data": method.answer(call)}
    except Refused as refused:
        return refused.answer()


def _allowed(call: Call) -> methods.Method:
    """The method, when the key may call it for the project named. Raises Refused."""
    method = methods.find(call.method)
    if method is None:
        raise not_served.refusal(call.method)
    key = call.caller.key
    if key.methods and method.name not in key.methods:
        raise Refused(-3, f"无权调用 {method.name}。", f"The key may not call {method.name}.")
    code = text(call.data.get("projectcode"))
    if not code:
        if method.project and isinstance(method, Push):
            raise Refused(-1, "data 缺少 projectCode。", "data lacks projectCode.")
        return method
    call.project_id = call.caller.projects.get(code)
    if call.project_id is None:
        shown = code[:40]
        raise Refused(
            -3, f"无权操作项目 {shown}。", f"The key has no right to the project {shown}."
        )
    return method
