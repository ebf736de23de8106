"""A call made from the page "how to connect": signed here, for the signed-in owner of a key."""

import json
import secrets
from typing import Any

from django.utils import timezone

from payroll.gateway import envelope, methods
from payroll.gateway.methods.base import Push
from payroll.gateway.serve import answer
from payroll.models import GatewayKey
from wagewatch import audit

_PERSONAL = {"idcardnumber", "payrollbankcardnumber", "paybankcardnumber"}


def try_call(
    user: Any, key: GatewayKey, method: str, data: dict[str, Any], address: str
) -> tuple[dict[str, str], dict[str, Any]]:
    """The signed form and its answer. Personal numbers in `data` are encrypted on the way."""
    now = timezone.now()
    form = {
        "appid": key.appid,
        "data": json.dumps(_encrypted(data, key.secret.encode()), ensure_ascii=False),
        "format": "json",
        "method": method,
        "nonce": secrets.token_hex(8),
        "timestamp": f"{timezone.localtime(now):%Y%m%d%H%M%S}",
        "version": "1.0",
    }
    form["sign"] = envelope.signature(form, key.secret)
    audit.record(user, "gateway-tried", key, method=method)
    return form, answer(form, address, now)


def _encrypted(value: Any, secret: bytes) -> Any:
    if isinstance(value, list):
        return [_encrypted(inner, secret) for inner in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _sealed(inner, secret)
        if name.lower() in _PERSONAL and isinstance(inner, str)
        else _encrypted(inner, secret)
        for name, inner in value.items()
    }


def _sealed(text: str, secret: bytes) -> str:
    try:
        envelope.decrypted(secret, text)
    except ValueError:
        return envelope.encrypted(secret, text)
    return text


def sample(method: methods.Method, project: str) -> str:
    """Data to begin with: the names that a method takes, made up where they need a value."""
    if not isinstance(method, Push):
        return json.dumps({"projectCode": project} if method.project else {}, ensure_ascii=False)
    data: dict[str, Any] = {name: _EXAMPLE.get(name, "") for name in method.top.values()}
    data["projectCode"] = project
    if method.items:
        names = method.each.values()
        data[method.items] = [{name: _EXAMPLE.get(name, "") for name in names}]
    return json.dumps(data, ensure_ascii=False, indent=1)


_EXAMPLE = {
    "idCardType": "01",
    "idCardNumber": "110101199003070011",
    "direction": "01",
    "date": "2026-03-05 07:30:00",
    "type": 1,
    "payMonth": "2026-03",
    "isBackPay": 0,
}
