"""CheckSign.Query: whether the caller signs as we do."""

from typing import Any

from payroll.gateway.envelope import Call
from payroll.gateway.methods.base import Method, register


class CheckSign(Method):
    def answer(self, call: Call) -> dict[str, Any]:
        return {"appid": call.caller.key.appid, "timestamp": call.timestamp}


register(CheckSign("CheckSign.Query", project=False))
