"""The envelope of a call: its form, its signature, its time, and the encrypted fields inside.

Codes of refusals: -1 parameters, -2 signature (also time and replay), -3 no right to the method or
project, -4 address, -5 too many calls. Their messages say it in both languages.
"""

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.core.cache import cache
from django.utils import timezone

from payroll.gateway.keys import Caller, find
from wagewatch.bilingual import Text

SIGNED = ("appid", "corpsign", "data", "format", "method", "nonce", "timestamp", "version")
VERSIONS = ("1.0", "1.1")
SKEW = dt.timedelta(minutes=10)
_REQUIRED = ("method", "version", "appid", "format", "timestamp", "nonce", "sign")
_NONCE = 64


class Refused(Exception):
    """The call is answered with a code below zero and this message."""

    def __init__(self, code: int, zh: str, en: str) -> None:
        super().__init__(en)
        self.code = code
        self.text = Text(zh, en)

    def answer(self) -> dict[str, Any]:
        return {"code": str(self.code), "message": f"{self.text.zh} {self.text.en}", "data": {}}


@dataclass
class Call:
    """A call that is signed, fresh and allowed to come; `data` has its field names in lower case
    and its numbers as text."""

    caller: Caller
    method: str
    nonce: str
    timestamp: str
    generation: int
    secret: bytes
    text: str
    data: dict[str, Any]
    now: dt.datetime
    project_id: int | None = None
    known: dict[str, str] = field(default_factory=dict)


def opened(form: Mapping[str, str], address: str, now: dt.datetime) -> Call:
    """The call of a form. Raises Refused."""
    fields = {name.lower(): value for name, value in form.items()}
    if missing := [name for name in _REQUIRED if not fields.get(name)]:
        names = ", ".join(missing)
        raise Refused(-1, f"缺少参数：{names}。", f"Parameters are missing: {names}.")
    if fields["version"] not in VERSIONS:
        raise Refused(-1, "version 应为 1.0 或 1.1。", "version must be 1.0 or 1.1.")
    if fields["format"].lower() != "json":
        raise Refused(-1, "format 应为 json。", "format must be json.")
    if len(fields["nonce"]) > _NONCE:
        raise Refused(-1, f"nonce 超过 {_NONCE} 位。", f"nonce is longer than {_NONCE} characters.")
    caller = find(fields["appid"])
    if caller is None:
        raise Refused(-2, "appid 不存在或已停用。", "The appid is unknown or revoked.")
    if not caller.key.allows(address):
        raise Refused(
            -4, f"不允许从地址 {address} 调用。", f"Calls from {address} are not allowed."
        )
    generation, secret = _signer(fields, caller, now)
    _fresh(fields["timestamp"], now)
    _within_rate(caller, now)
    text = fields.get("data", "")
    return Call(
        caller,
        fields["method"],
        fields["nonce"],
        fields["timestamp"],
        generation,
        secret,
        text,
        parsed(text),
        now,
    )


def signature(fields: Mapping[str, str], secret: str) -> str:
    """SHA-256, hex, of the lower-cased `key=value&...&appsecret=SECRET`, keys in order."""
    pairs = [f"{name}={fields[name]}" for name in SIGNED if name in fields]
    return hashlib.sha256("&".join([*pairs, f"appsecret={secret}"]).lower().encode()).hexdigest()


def _signer(fields: Mapping[str, str], caller: Caller, now: dt.datetime) -> tuple[int, bytes]:
    """Which of the key's secrets signed the call: its generation and the secret."""
    sign = fields["sign"].strip().lower().encode()
    for generation, secret, until in caller.secrets:
        if until is not None and until < now:
            continue
        if hmac.compare_digest(signature(fields, secret).encode(), sign):
            return generation, secret.encode()
    raise Refused(-2, "签名不正确。", "The signature is wrong.")


def _fresh(timestamp: str, now: dt.datetime) -> None:
    """Within 10 minutes of our clock, in local time (UTC+8)."""
    if not re.fullmatch(r"[0-9]{14}", timestamp):
        raise Refused(-1, "timestamp 应为 yyyyMMddHHmmss。", "timestamp must be yyyyMMddHHmmss.")
    try:
        naive = dt.datetime.strptime(timestamp, "%Y%m%d%H%M%S")  # noqa: DTZ007
    except ValueError as error:
        raise Refused(
            -1, "timestamp 不是有效时间。", "timestamp is not a time that exists."
        ) from error
    if abs(timezone.make_aware(naive) - now) > SKEW:
        ours = timezone.localtime(now).strftime("%Y%m%d%H%M%S")
        raise Refused(
            -2,
            f"timestamp 与服务器时间 {ours} 相差超过 10 分钟。",
            f"timestamp differs by more than 10 minutes from the server's time {ours}.",
        )


def replayed() -> Refused:
    return Refused(
        -2,
        "重复的请求：appid、nonce、timestamp 已使用过。",
        "Replayed: this appid, nonce and timestamp were used before.",
    )


def _within_rate(caller: Caller, now: dt.datetime) -> None:
    name = f"gateway:{caller.key.appid}:{int(now.timestamp()) // 60}"
    try:
        count = cache.incr(name)
    except ValueError:
        cache.add(name, 0, 120)
        count = cache.incr(name)
    limit = caller.key.calls_per_minute
    if count > limit:
        raise Refused(
            -5, f"超过每分钟 {limit} 次的调用上限。", f"More than {limit} calls in a minute."
        )


def parsed(text: str) -> dict[str, Any]:
    """A JSON object with lower-case names and numbers as written. Raises Refused (-1)."""
    if not text.strip():
        return {}
    try:
        data = json.loads(text, object_pairs_hook=_lower, parse_int=str, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise Refused(-1, "data 不是有效的 JSON。", "data is not valid JSON.") from error
    if not isinstance(data, dict):
        raise Refused(-1, "data 应为 JSON 对象。", "data must be a JSON object.")
    return data


def _lower(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name.lower(): value for name, value in pairs}


def encrypted(secret: bytes, plain: str) -> str:
    """AES-256-CBC, PKCS7, base64; the key is the secret, the IV its first 16 bytes."""
    if not plain:
        return ""
    data = plain.encode()
    size = 16 - len(data) % 16
    cipher = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).encryptor()
    return base64.b64encode(cipher.update(data + bytes([size]) * size) + cipher.finalize()).decode()


def decrypted(secret: bytes, text: str) -> str:
    """The plain text. Raises ValueError for what this secret did not encrypt."""
    if not text:
        return ""
    try:
        sealed = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    cipher = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).decryptor()
    data = cipher.update(sealed) + cipher.finalize()
    size = data[-1] if data else 0
    if not 1 <= size <= 16 or data[-size:] != bytes([size]) * size:
        raise ValueError("not encrypted with this secret")
    return data[:-size].decode()
