"""Any form, any data and any request to the interfaces: an answer, never an exception.

Pushes of the real-name interface are read by eight readers, one for each kind; every method that
reaches one is sent odd data, and one in so many is worked off.
"""

import json
import logging
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client as Browser
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from payroll.feeds import gateway
from payroll.gateway import inbox, methods
from payroll.gateway.serve import answer
from payroll.models import Feed, FeedIssue
from projects import tokens
from tests import ui_city
from tests.fuzz.test_readers import CELL, EXAMPLES, PEOPLE, WHOLE, Undone, fuzz
from tests.payroll.files import PROJECT, SUB, SUB_NAME, card, person
from tests.payroll.test_gateway_methods import Site, site

pytestmark = pytest.mark.django_db
CODES = {"0", "-1", "-2", "-3", "-4", "-5"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | CELL,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
_VALUES = {
    "projectCode": PROJECT, "corpCode": SUB, "corpName": SUB_NAME, "corpType": "006",
    "teamName": "木工一班", "payMonth": "2026-03", "idCardType": "01", "workerName": "钱安一",
    "date": "2026-03-02 07:00:00", "direction": "01", "type": 1, "startDate": "2026-01-01",
    "unitPrice": 400, "totalPayAmount": 6000, "actualAmount": 6000, "days": 22, "isBackPay": 0,
}  # fmt: skip


def sound(method: methods.Push, vendor: Site) -> dict[str, Any]:
    """Data that the method takes."""
    values = _VALUES | {
        "idCardNumber": vendor.encrypt(person(1)),
        "payRollBankCardNumber": vendor.encrypt(card(1)),
    }
    data = {name: values.get(name, "") for name in method.top.values()}
    if method.items:
        data[method.items] = [{name: values.get(name, "") for name in method.each.values()}]
    return data


@pytest.fixture
def vendor(city: Any, caplog: Any) -> Site:
    caplog.set_level(logging.DEBUG)
    return site(calls_per_minute=10**9)


@pytest.mark.parametrize("name", [push.name for push in methods.pushes()])
def test_any_data_of_a_push(name: str, vendor: Site, caplog: Any) -> None:
    method = methods.find(name)
    assert isinstance(method, methods.Push)

    @fuzz(EXAMPLES)
    @given(st.data())
    def pushed(draw: Any) -> None:
        data = sound(method, vendor)
        for _ in range(draw.draw(st.integers(1, 3))):
            items = data.get(method.items)
            first = items[0] if isinstance(items, list) and items else None
            inner = isinstance(first, dict) and first and draw.draw(st.booleans())
            row: Any = first if inner else data
            row[draw.draw(st.sampled_from(sorted(row)) | st.text(max_size=8))] = draw.draw(JSON)
        whole = draw.draw(st.integers(0, WHOLE - 1)) == 0
        if not whole:
            read(name, data, vendor)
            return
        caplog.clear()
        try:
            with transaction.atomic():
                said = vendor.call(name, data)
                inbox.drain()
                looked_at(vendor, said, caplog)
                raise Undone
        except Undone:
            pass
        assert said["code"] in CODES
        assert not any(record.levelno >= logging.ERROR for record in caplog.records), caplog.text

    pushed()


def read(name: str, data: dict[str, Any], vendor: Site) -> None:
    """The reader alone, on what passes the checks made at once."""
    method: Any = methods.find(name)
    body = json.dumps({"method": name, "appid": vendor.appid, "data": data}, ensure_ascii=False)
    opened = gateway.opened(body.encode())["data"]
    if method.items and not (
        isinstance(rows := opened.get(method.items.lower()), list)
        and all(isinstance(row, dict) for row in rows)
    ):
        return  # refused before it is kept
    rows, faults = gateway.rows_of(body.encode(), vendor.secret.encode(), {})
    assert len(gateway.chunk_of(rows).frame) == len(rows)
    assert all(1 <= row <= len(rows) for row, _ in faults)


def looked_at(vendor: Site, said: dict[str, Any], caplog: Any) -> None:
    if said["code"] != "0":
        return
    result = vendor.result(said["data"]["requestSerialCode"], 0)
    assert result["status"] in (10, 20), result
    feed = Feed.objects.filter(channel="gateway").latest("pk")
    issues = list(FeedIssue.objects.filter(feed=feed))
    assert "internal" not in {issue.code for issue in issues}, caplog.text
    text = json.dumps(result, ensure_ascii=False) + caplog.text
    assert not [number for number in PEOPLE if number in text], text


def test_any_form(vendor: Site) -> None:
    """Signed or not, whole or not, with every method's name."""
    names = st.sampled_from([*methods.methods(), "Project.Add", "", "x"])

    @fuzz(EXAMPLES)
    @given(
        names,
        JSON,
        st.dictionaries(
            st.sampled_from(
                ["version", "format", "timestamp", "nonce", "data", "corpsign", "appid"]
            ),
            CELL,
            max_size=2,
        ),
        st.booleans(),
        st.sampled_from(["", "method", "data", "sign", "nonce"]),
    )
    def called(method: str, data: Any, changes: dict[str, str], signed: bool, less: str) -> None:
        text = changes.pop("data", json.dumps(data, ensure_ascii=False))
        form = vendor.form(method, text, **changes)
        if not signed:
            form["sign"] = "0" * 64
        form.pop(less, None)
        try:
            with transaction.atomic():
                assert answer(form, "10.0.0.8", timezone.now())["code"] in CODES
                raise Undone
        except Undone:
            pass

    called()


def test_any_query_and_body_of_the_rest_interface(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    city = ui_city.city()
    _token, text = tokens.issue(city.users["inspector"], "fuzz", may_write=True, days=30)
    browser = Browser(headers={"Authorization": f"Bearer {text}"}, raise_request_exception=True)
    words = st.sampled_from(["project", "month", "size", "cursor", "status", "kind", "rule", "q",
                             "received_on_after", "level", "employer", "ordering"])  # fmt: skip

    @fuzz(EXAMPLES)
    @given(
        st.sampled_from(["feeds", "projects", "cycles", "warnings", "feeds/1", "warnings/x"]),
        st.dictionaries(words, CELL, max_size=3),
        st.sampled_from(
            [
                "",
                "application/json",
                "multipart/form-data",
                "text/plain",
                "multipart/form-data; boundary=x",
            ]
        ),
        JSON,
    )
    def asked(path: str, query: dict[str, str], kind: str, body: Any) -> None:
        cache.clear()
        try:
            with transaction.atomic():
                if kind:
                    data = json.dumps(body).encode()
                    said = browser.post(f"/api/v1/{path}", data, content_type=kind)
                    assert 400 <= said.status_code < 500
                else:
                    said = browser.get(f"/api/v1/{path}", query)
                    assert said.status_code < 500
                raise Undone
        except Undone:
            pass

    asked()
