"""A client of the national real-name interface, written from the published protocol alone.

It knows nothing of this project: hashlib for the signature, AES-256-CBC for the starred fields,
urllib for the call.
"""

import base64
import hashlib
import json
import time
import urllib.parse
import urllib.request
import uuid
from typing import Any

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


class Client:
    def __init__(self, url: str, appid: str, secret: str, version: str = "1.0") -> None:
        self.url = url
        self.appid = appid
        self.secret = secret
        self.version = version

    def encrypt(self, text: str) -> str:
        padder = padding.PKCS7(128).padder()
        data = padder.update(text.encode("utf-8")) + padder.finalize()
        key = self.secret.encode("utf-8")
        encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        return base64.b64encode(encryptor.update(data) + encryptor.finalize()).decode("ascii")

    def decrypt(self, text: str) -> str:
        key = self.secret.encode("utf-8")
        decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        data = decryptor.update(base64.b64decode(text)) + decryptor.finalize()
        unpadder = padding.PKCS7(128).unpadder()
        return (unpadder.update(data) + unpadder.finalize()).decode("utf-8")

    def sign(self, form: dict[str, str]) -> str:
        text = "&".join(f"{name}={form[name]}" for name in sorted(form))
        text = f"{text}&appsecret={self.secret}".lower()
        return hashlib.sha256(text.encode("utf-8")).hexdigest()

    def form(self, method: str, data: Any = None, **changes: str) -> dict[str, str]:
        """The signed form of a call; `changes` are made before it is signed."""
        form = {
            "method": method,
            "version": self.version,
            "appid": self.appid,
            "format": "json",
            "timestamp": time.strftime("%Y%m%d%H%M%S", time.gmtime(time.time() + 8 * 3600)),
            "nonce": uuid.uuid4().hex,
        }
        if data is not None:
            form["data"] = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        form.update(changes)
        form["sign"] = self.sign(form)
        return form

    def post(self, form: dict[str, str]) -> dict[str, Any]:
        request = urllib.request.Request(
            self.url,
            urllib.parse.urlencode(form).encode("ascii"),
            {"Content-Type": "application/x-www-form-urlencoded"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.loads(response.read())

    def call(self, method: str, data: Any = None, **changes: str) -> dict[str, Any]:
        return self.post(self.form(method, data, **changes))

    def result(self, code: str, seconds: float = 20) -> dict[str, Any]:
        """The data of AsyncHandleResult.Query once the push is worked off."""
        end = time.monotonic() + seconds
        while True:
            data = self.call("AsyncHandleResult.Query", {"requestSerialCode": code})["data"]
            if data["status"] != 0 or time.monotonic() > end:
                return data
            time.sleep(0.2)
