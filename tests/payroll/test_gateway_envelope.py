"""The envelope: the protocol's vectors, and what is refused with which code."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from payroll.gateway import envelope, keys
from payroll.gateway.serve import answer
from payroll.models import GatewayCall, GatewayKey
from projects.models import Company, Project
from tests.gateway_client import Client
from tests.payroll.files import GENERAL, PROJECT

SECRET = b"0123456789abcdef0123456789abcdef"
HERE = "10.0.0.8"


def test_the_published_aes_vector() -> None:
    text = "Pd0vMXi8duONTDrCFWgg8vB2aSMXgyQOQIsobzrLl1Q="
    assert envelope.encrypted(SECRET, "110101199003070011") == text
    assert envelope.decrypted(SECRET, text) == "110101199003070011"


def test_the_published_signature_vector() -> None:
    fields = {
        "appid": "DEMO",
        "data": '{"projectCode":"P1"}',
        "format": "json",
        "method": "Project.Query",
        "nonce": "1",
        "timestamp": "20260101000000",
        "version": "1.0",
        "sign": "is no part of itself",
    }
    expected = "361fc2a7166624d4898ffddc36065b5498d117eb991c1a8e22d0a18c01c57bae"
    assert envelope.signature(fields, SECRET.decode()) == expected


@pytest.mark.parametrize("text", ["110101199003070011", "AAAA", "Pd0vMXi8duONTDrCFWgg8g==", "中"])
def test_what_the_secret_did_not_encrypt_is_no_number(text: str) -> None:
    with pytest.raises(ValueError):
        envelope.decrypted(SECRET, text)


def test_names_are_lower_case_and_numbers_stay_as_written() -> None:
    data = envelope.parsed('{"PayMonth": "2026-03", "DetailList": [{"Days": 22, "a": 6000.10}]}')
    assert data == {"paymonth": "2026-03", "detaillist": [{"days": "22", "a": "6000.10"}]}


@pytest.fixture
def client(city: Any) -> Callable[..., Client]:
    """Makes a key for the general contractor of the city and its client."""
    user = get_user_model().objects.create_user("inspector")

    def make(**terms: Any) -> Client:
        company = Company.objects.get(code=GENERAL)
        key, secret = keys.issue_key(user, "示例软件", company, Project.objects.all(), **terms)
        return Client("", key.appid, secret)

    return make


def send(client: Client, method: str, data: Any = None, address: str = HERE, **changes: str) -> Any:
    return answer(client.form(method, data, **changes), address, timezone.now())


def test_a_signed_call_is_answered(client: Any) -> None:
    said = send(client(), "CheckSign.Query")
    assert (said["code"], said["message"]) == ("0", "")


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_both_versions_with_and_without_data_and_corpsign(client: Any, version: str) -> None:
    caller = client()
    assert send(caller, "CheckSign.Query", {}, version=version)["code"] == "0"
    assert send(caller, "CheckSign.Query", {}, version=version, corpsign="q+Z=")["code"] == "0"


def test_corpsign_is_part_of_the_signature(client: Any) -> None:
    caller = client()
    form = caller.form("CheckSign.Query", {}, corpsign="abc")
    form["corpsign"] = "abd"
    assert answer(form, HERE, timezone.now())["code"] == "-2"


def test_names_of_parameters_in_any_case(client: Any) -> None:
    form = client().form("Project.Query", {"PROJECTCODE": PROJECT})
    said = answer({name.upper(): value for name, value in form.items()}, HERE, timezone.now())
    assert said["code"] == "0"
    assert [row["projectCode"] for row in said["data"]["rows"]] == [PROJECT]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"version": "2.0"}, "-1"),
        ({"format": "xml"}, "-1"),
        ({"timestamp": "2026-01-01"}, "-1"),
        ({"timestamp": "20261399000000"}, "-1"),
        ({"nonce": "n" * 65}, "-1"),
        ({"data": "{"}, "-1"),
        ({"data": "[1]"}, "-1"),
        ({"method": "Nobody.Knows"}, "-1"),
        ({"appid": "nobody"}, "-2"),
    ],
)
def test_wrong_parameters(client: Any, change: dict[str, str], code: str) -> None:
    caller = client()
    form = {**caller.form("Project.Query", "{}"), **change}
    del form["sign"]
    form["sign"] = caller.sign(form)
    said = answer(form, HERE, timezone.now())
    assert said["code"] == code
    assert any("一" <= sign <= "鿿" for sign in said["message"])
    assert any(sign.isascii() and sign.isalpha() for sign in said["message"])


def test_a_missing_parameter_is_named(client: Any) -> None:
    form = client().form("CheckSign.Query")
    del form["nonce"]
    said = answer(form, HERE, timezone.now())
    assert said["code"] == "-1" and "nonce" in said["message"]


def test_a_wrong_signature(client: Any) -> None:
    caller = client()
    form = caller.form("CheckSign.Query")
    assert answer({**form, "nonce": "other"}, HERE, timezone.now())["code"] == "-2"
    assert answer({**form, "sign": "0" * 64}, HERE, timezone.now())["code"] == "-2"
    assert answer({**form, "sign": form["sign"].upper()}, HERE, timezone.now())["code"] == "0"


def test_the_clock_may_be_ten_minutes_off(client: Any) -> None:
    caller = client()
    now = timezone.now()
    for minutes, code in ((9.5, "0"), (-9.5, "0"), (10.1, "-2"), (-10.1, "-2")):
        local = timezone.localtime(now + dt.timedelta(minutes=minutes))
        form = caller.form("CheckSign.Query", timestamp=f"{local:%Y%m%d%H%M%S}")
        assert answer(form, HERE, now)["code"] == code


@pytest.mark.parametrize("method", ["CheckSign.Query", "WorkerAttendance.Add"])
def test_a_replay_is_refused_and_leaves_nothing(client: Any, method: str) -> None:
    form = client().form(method, {"projectCode": PROJECT, "dataList": [{"date": "x"}]})
    assert answer(form, HERE, timezone.now())["code"] == "0"
    assert answer(form, HERE, timezone.now())["code"] == "-2"
    assert GatewayCall.objects.count() == 1


def test_rights_to_methods_and_projects(client: Any) -> None:
    caller = client(methods=["Project.Query"])
    assert send(caller, "Project.Query", {})["code"] == "0"
    assert send(caller, "CheckSign.Query")["code"] == "-3"
    assert send(caller, "Project.Query", {"projectCode": "P330902999"})["code"] == "-3"


def test_a_push_without_its_project_or_list(client: Any) -> None:
    caller = client()
    assert send(caller, "WorkerAttendance.Add", {"dataList": [{}]})["code"] == "-1"
    assert send(caller, "WorkerAttendance.Add", {"projectCode": PROJECT})["code"] == "-1"
    bad = {"projectCode": PROJECT, "dataList": "x"}
    assert send(caller, "WorkerAttendance.Add", bad)["code"] == "-1"
    assert not GatewayCall.objects.exists()


def test_allowed_addresses(client: Any) -> None:
    caller = client(addresses=["10.0.0.0/24", "2001:db8::/32"])
    for address, code in (
        ("10.0.0.8", "0"), ("2001:db8::1", "0"), ("10.0.1.8", "-4"), ("", "-4"),
    ):  # fmt: skip
        assert send(caller, "CheckSign.Query", address=address)["code"] == code


def test_calls_per_minute(client: Any) -> None:
    caller = client(calls_per_minute=3)
    now = timezone.now()
    codes = [answer(caller.form("CheckSign.Query"), HERE, now)["code"] for _ in range(4)]
    assert codes == ["0", "0", "0", "-5"]
    later = now + dt.timedelta(minutes=1)
    assert answer(caller.form("CheckSign.Query"), HERE, later)["code"] == "0"


def test_wrongly_signed_calls_do_not_use_up_the_rate(client: Any) -> None:
    caller = client(calls_per_minute=1)
    thief = Client("", caller.appid, "x" * 32)
    now = timezone.now()
    for _ in range(3):
        assert answer(thief.form("CheckSign.Query"), HERE, now)["code"] == "-2"
    assert answer(caller.form("CheckSign.Query"), HERE, now)["code"] == "0"


def test_a_rotated_secret_signs_on_for_a_week(
    client: Any, django_capture_on_commit_callbacks: Any
) -> None:
    old = client()
    key = GatewayKey.objects.get()
    now = timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        new = Client("", old.appid, keys.rotate_key(key.created_by, key, now))
    assert send(old, "CheckSign.Query")["code"] == "0"
    assert send(new, "CheckSign.Query")["code"] == "0"
    later = now + keys.OVERLAP + dt.timedelta(seconds=1)
    stamp = f"{timezone.localtime(later):%Y%m%d%H%M%S}"
    assert answer(old.form("CheckSign.Query", timestamp=stamp), HERE, later)["code"] == "-2"
    assert answer(new.form("CheckSign.Query", timestamp=stamp), HERE, later)["code"] == "0"


def test_a_revoked_key(client: Any, django_capture_on_commit_callbacks: Any) -> None:
    caller = client()
    assert send(caller, "CheckSign.Query")["code"] == "0"
    key = GatewayKey.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        keys.revoke_key(key.created_by, key)
    assert send(caller, "CheckSign.Query")["code"] == "-2"


def test_the_secret_is_nowhere_in_plain(client: Any) -> None:
    from django.db import connection

    caller = client()
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM payroll_gatewaykey")
        stored = bytes(cursor.fetchone()[0])
    assert caller.secret.encode() not in stored
    assert GatewayKey.objects.get().secret == caller.secret
