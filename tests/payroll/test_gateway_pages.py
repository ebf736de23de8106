"""Keys are issued, rotated and revoked on a page; their owners see how to connect and try it."""

import json
import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from payroll.models import GatewayCall, GatewayKey
from projects.models import Company, Member, Project
from tests.gateway_client import Client as Vendor
from tests.payroll.files import GENERAL, OWNER, PROJECT, SUB, project_row
from wagewatch.models import AuditEntry

KEYS, CONNECT, TRY = "/gateway/keys/", "/gateway/connect/", "/gateway/connect/try/"


def signed_in(role: str, company: str = "", region: str = "330902") -> Client:
    user = get_user_model().objects.create_user(f"{role}{company}{region}")
    Member.objects.create(
        user=user,
        role=role,
        company=Company.objects.get(code=company) if company else None,
        region_id=None if company else region,
    )
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(user)
    return browser


def asked(**changes: Any) -> dict[str, Any]:
    return {
        "vendor": "示例软件",
        "company": GENERAL,
        "projects": PROJECT,
        "methods": [],
        "addresses": "",
        "calls_per_minute": 600,
    } | changes


def issue(inspector: Client, **changes: Any) -> tuple[GatewayKey, str]:
    page = inspector.post(KEYS, asked(**changes))
    assert page.status_code == 200
    secret = re.search(r'id="secret">([0-9a-z]{32})<', page.content.decode())
    assert secret
    return GatewayKey.objects.first(), secret[1]


def test_the_secret_is_shown_once_and_works(city: Any) -> None:
    inspector = signed_in("inspector")
    key, secret = issue(inspector, addresses="127.0.0.1, 10.0.0.0/8", methods=["CheckSign.Query"])
    assert secret not in inspector.get(KEYS).content.decode()
    assert (key.addresses, key.methods) == (["127.0.0.1/32", "10.0.0.0/8"], ["CheckSign.Query"])
    form = Vendor("", key.appid, secret).form("CheckSign.Query")
    assert Client().post("/gateway/", form).json()["code"] == "0"
    assert AuditEntry.objects.filter(act="gateway-key-issued").count() == 1
    assert secret not in str(AuditEntry.objects.values_list("detail", flat=True))


def test_rotate_and_revoke(city: Any, django_capture_on_commit_callbacks: Any) -> None:
    inspector = signed_in("inspector")
    key, old = issue(inspector)
    with django_capture_on_commit_callbacks(execute=True):
        page = inspector.post(f"{KEYS}{key.pk}/rotate/").content.decode()
    new = re.search(r'id="secret">([0-9a-z]{32})<', page)
    assert new and new[1] != old
    with django_capture_on_commit_callbacks(execute=True):
        inspector.post(f"{KEYS}{key.pk}/revoke/")
    for secret in (old, new[1]):
        form = Vendor("", key.appid, secret).form("CheckSign.Query")
        assert Client().post("/gateway/", form).json()["code"] == "-2"
    assert inspector.post(f"{KEYS}{key.pk}/rotate/").status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"company": "91330900MA0000000X"},
        {"projects": "P999"},
        {"addresses": "somewhere"},
        {"calls_per_minute": 0},
        {"vendor": ""},
    ],
)
def test_a_wrong_form_issues_nothing(city: Any, change: dict[str, Any]) -> None:
    assert signed_in("inspector").post(KEYS, asked(**change)).status_code == 400
    assert not GatewayKey.objects.exists()


def test_a_key_stays_within_the_administrators_territory(city: Any) -> None:
    stranger = signed_in("inspector", region="330903")
    assert stranger.post(KEYS, asked()).status_code == 400
    inspector = signed_in("inspector")
    key, _ = issue(inspector)
    assert key.appid not in stranger.get(KEYS).content.decode()
    assert stranger.post(f"{KEYS}{key.pk}/revoke/").status_code == 404
    city([project_row("P330902009", areaCode="330903")])
    key.projects.add(Project.objects.get(code="P330902009"))
    assert inspector.post(f"{KEYS}{key.pk}/revoke/").status_code == 404  # not hers alone


def test_who_sees_which_page(city: Any) -> None:
    pages = {
        ("inspector", ""): (200, 200),
        ("government", ""): (200, 200),
        ("general", GENERAL): (403, 200),
        ("sub", SUB): (403, 200),
        ("owner", OWNER): (403, 403),
    }
    for (role, company), (of_keys, of_connect) in pages.items():
        browser = signed_in(role, company)
        assert browser.get(KEYS).status_code == of_keys, role
        assert browser.get(CONNECT).status_code == of_connect, role
    assert Client().get(KEYS).status_code == 302
    staff = get_user_model().objects.create_user("staff", is_staff=True)
    browser = Client()
    browser.force_login(staff)
    assert browser.get(KEYS).status_code == 200


def test_the_owner_of_a_key_tries_a_call(city: Any) -> None:
    key, secret = issue(signed_in("inspector"))
    general = signed_in("general", GENERAL)
    page = general.get(CONNECT, {"method": "ProjectWorker.Query"}).content.decode()
    assert PROJECT in page and secret not in page
    data = json.dumps({"projectCode": PROJECT, "idCardNumber": "110101199003070011"})
    sent = {"key": key.pk, "method": "ProjectWorker.Query", "data": data}
    page = general.post(TRY, sent).content.decode()
    assert "&quot;code&quot;: &quot;0&quot;" in page
    shown = Vendor("", key.appid, secret).encrypt("110101199003070011")
    request = page.partition('id="answer"')[2]
    assert "110101199003070011" not in request
    assert shown.replace("+", "&#x2B;") in request or shown in request
    assert GatewayCall.objects.count() == 1
    assert AuditEntry.objects.filter(act="gateway-tried").count() == 1


def test_nobody_tries_with_anothers_key(city: Any) -> None:
    key, _ = issue(signed_in("inspector"))
    sent = {"key": key.pk, "method": "Project.Query", "data": "{}"}
    assert signed_in("sub", SUB).post(TRY, sent).status_code == 400
    assert signed_in("government").post(TRY, sent).status_code == 400
    assert signed_in("general", GENERAL).post(TRY, sent | {"data": "{"}).status_code == 400
    assert not GatewayCall.objects.exists()
