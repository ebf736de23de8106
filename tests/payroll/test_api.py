"""The REST interface: who may, what it answers, and that a call is counted once."""

import datetime as dt
import io
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from payroll.models import Feed
from projects import tokens
from projects.models import ApiToken
from tests import ui_city
from tests.payroll.files import csv_bytes
from wagewatch.models import AuditEntry

pytestmark = pytest.mark.django_db
BAD = csv_bytes([{"projectCode": "X", "corpCode": "Y", "payMonth": "2026-13", "workerName": "张三",
                  "idCardNumber": "330902198001011231", "totalPayAmount": "1",
                  "actualAmount": "2"}])  # fmt: skip


@pytest.fixture
def city(settings: Any, tmp_path: Any) -> ui_city.City:
    settings.MEDIA_ROOT = tmp_path
    cache.clear()  # calls are counted there
    return ui_city.city()


def caller(city: ui_city.City, who: str, may_write: bool = True) -> Client:
    _token, text = tokens.issue(city.users[who], "test", may_write=may_write, days=30)
    return Client(headers={"Authorization": f"Bearer {text}"})


def send(client: Client, data: bytes, name: str = "f.csv", **headers: str) -> Any:
    file = io.BytesIO(data)
    file.name = name
    return client.post("/api/v1/feeds", {"file": file}, headers=headers)


def test_nobody_without_a_working_token(city: ui_city.City, client: Client) -> None:
    answer = client.get("/api/v1/projects")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_authenticated"
    client.force_login(city.users["inspector"])  # a browser's session is no token
    assert client.get("/api/v1/projects").status_code == 401
    token, text = tokens.issue(city.users["inspector"], "t", may_write=False, days=1)
    bearer = {"Authorization": f"Bearer {text}"}
    assert client.get("/api/v1/projects", headers=bearer).status_code == 200
    assert tokens.find(text, token.expires_on - dt.timedelta(days=1)) == token
    assert tokens.find(text, token.expires_on) is None
    tokens.revoke(token, city.users["inspector"])
    assert client.get("/api/v1/projects", headers=bearer).status_code == 401
    acts = AuditEntry.objects.filter(thing="projects.apitoken").order_by("pk")
    assert list(acts.values_list("act", flat=True)) == ["token-issued", "token-revoked"]
    assert text not in str(list(ApiToken.objects.values()))


@pytest.mark.parametrize("path", ["projects", "cycles", "warnings"])
def test_each_sees_what_the_pages_show(city: ui_city.City, path: str) -> None:
    def codes(who: str) -> set[str]:
        rows = caller(city, who).get(f"/api/v1/{path}").json()["results"]
        return {row.get("project") or row["code"] for row in rows}

    a, b = city.a.project.code, city.b.project.code
    assert codes("inspector") == {a, b}
    for who in ("general_a", "sub_a", "owner_a"):
        assert codes(who) == {a}, who


def test_a_warning_carries_its_proof(city: ui_city.City) -> None:
    client = caller(city, "sub_a")
    [row] = client.get("/api/v1/warnings?rule=E1").json()["results"]
    assert row["level"] in ("yellow", "orange", "red") and row["amount"] == "12000.00"
    one = client.get(f"/api/v1/warnings/{row['id']}").json()
    assert one["evidence"]["arithmetic"]
    other = city.b.warning.pk
    assert client.get(f"/api/v1/warnings/{other}").status_code == 404
    number = city.a.people[0].worker.id_number
    assert number not in str(one)


def test_a_file_is_sent_and_its_report_read(city: ui_city.City) -> None:
    client = caller(city, "sub_a")
    answer = send(client, BAD, **{"Accept-Language": "en"})
    report = answer.json()
    assert (answer.status_code, report["status"], report["channel"]) == (201, "rejected", "api")
    assert report["errors"] and all(e["message"] for e in report["errors"])
    again = client.get(answer["Location"], headers={"Accept-Language": "en"})
    assert again.json()["errors"] == report["errors"]
    assert client.get(answer["Location"]).json()["errors"] != report["errors"]  # in Chinese
    kept = client.get(f"{answer['Location']}/file")
    assert b"".join(kept.streaming_content) == BAD
    assert caller(city, "sub_b").get(answer["Location"]).status_code == 404
    feed = Feed.objects.get(pk=report["id"])
    assert (feed.sender, feed.company) == (city.users["sub_a"], city.a.sub)


def test_rights_to_send(city: ui_city.City) -> None:
    assert send(caller(city, "sub_a", may_write=False), BAD).json()["code"] == "read-only"
    assert send(caller(city, "owner_a"), BAD).json()["code"] == "no-sender"
    answer = caller(city, "sub_a").post("/api/v1/feeds", {"kind": "nonsense"})
    assert answer.status_code == 400 and set(answer.json()["fields"]) == {"file", "kind"}
    assert not Feed.objects.filter(channel="api").exists()


def test_an_idempotency_key_counts_once(city: ui_city.City) -> None:
    client = caller(city, "sub_a")
    first = send(client, BAD, **{"Idempotency-Key": "k1"})
    again = send(client, BAD, **{"Idempotency-Key": "k1"})
    assert again.json() == first.json() and again["Idempotent-Replay"] == "true"
    assert Feed.objects.filter(channel="api").count() == 1
    other = send(client, BAD + b"\n", **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")
    named = client.post(
        "/api/v1/feeds",
        {"file": SimpleUploadedFile("f.csv", BAD), "kind": "bank"},
        headers={"Idempotency-Key": "k1"},
    )
    assert (named.status_code, named.json()["code"]) == (422, "key-reused")
    theirs = send(caller(city, "sub_b"), BAD, **{"Idempotency-Key": "k1"})
    assert "Idempotent-Replay" not in theirs


def test_pages_go_on_by_cursor(city: ui_city.City) -> None:
    client = caller(city, "inspector")
    page = client.get("/api/v1/projects?size=1").json()
    following = client.get(page["next"]).json()
    codes = [page["results"][0]["code"], following["results"][0]["code"]]
    assert sorted(codes) == sorted([city.a.project.code, city.b.project.code])
    assert following["next"] is None


def test_the_description_is_sound_and_every_path_answers(
    city: ui_city.City, client: Client
) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file="/dev/null")
    schema = client.get("/api/v1/schema?format=json").json()
    assert schema["openapi"].startswith("3.1")
    assert client.get("/api/").status_code == 200
    caller_ = caller(city, "inspector")
    things = {"/api/v1/projects/{code}": city.a.project.code}
    for path in schema["paths"]:
        if "{" not in path or path in things:
            url = path.replace("{code}", things.get(path, ""))
            assert caller_.get(url).status_code == 200, path


def test_issuing_on_the_page_shows_the_token_once(city: ui_city.City, client: Client) -> None:
    client.force_login(city.users["general_a"])
    asked = {"name": "ERP", "days": 90, "may_write": "on"}
    page = client.post("/tokens/", asked).content.decode()
    [token] = ApiToken.objects.all()
    assert tokens.PREFIX in page and token.hint in page
    text = page.split('id="token">')[1].split("<")[0]
    assert tokens.find(text, dt.date.today()) == token  # noqa: DTZ011
    assert text not in client.get("/tokens/").content.decode()
    client.post(f"/tokens/{token.pk}/revoke/")
    assert tokens.find(text, dt.date.today()) is None  # noqa: DTZ011
