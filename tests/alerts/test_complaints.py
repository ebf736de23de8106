"""What becomes of a complaint: acts, limits, who sees what of it, and the workers' own pages."""

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts import complaints, engine
from alerts.acts import NotPossible
from alerts.models import Warning
from payroll.models import Complaint, ComplaintFile, ComplaintStep
from projects import scope, tokens
from projects.models import Authority, Member
from tests import factories, society, ui_city
from wagewatch.calendars import WorkingDays
from wagewatch.models import AuditEntry, Work

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
PHONE, NAME = "13912345678", "欧阳一帆"
SECRETS = (PHONE, NAME, "5678", "宿舍", "8600")


@pytest.fixture
def city(settings: Any, tmp_path: Any) -> ui_city.City:
    cache.clear()
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    return ui_city.city()


def filed(city: ui_city.City, place: ui_city.Site | None = None, **facts: Any) -> Complaint:
    facts = {
        "phone": PHONE, "name": NAME, "amount": "8600.00", "text": f"住宿舍的人都没发,电话{PHONE}",
    } | facts  # fmt: skip
    project = (place or city.a).project if place is not False else None
    return society.complaint(project, str(TODAY), **facts)


def as_user(city: ui_city.City, name: str) -> Client:
    client = Client()
    client.force_login(city.users[name])
    return client


def post(client: Client, made: Complaint, act: str, **data: Any) -> Any:
    return client.post(reverse("complaint-act", args=[made.pk, act]), data)


# ---- acts


def test_every_transition_of_the_table_and_no_other(city: ui_city.City) -> None:
    user, housing = city.users["inspector"], Authority.objects.get()
    acts: dict[str, Any] = {
        "accept": lambda c: complaints.accept(c, user, on=TODAY),
        "refuse": lambda c: complaints.refuse(c, user, "expired", "", on=TODAY),
        "forward": lambda c: complaints.forward(c, user, housing, "", on=TODAY),
        "answer": lambda c: complaints.answer(c, user, "已支付", on=TODAY),
    }
    assert set(acts) == set(complaints.TRANSITIONS)
    for standing in Complaint.Standing.values:
        for name, act in acts.items():
            made = filed(city)
            if standing != "waiting":
                society.step(made, standing, str(TODAY))
            before, after = complaints.TRANSITIONS[name]
            entries = AuditEntry.objects.count()
            if standing in before:
                assert act(made).standing == after
                assert AuditEntry.objects.count() == entries + 1
                assert made.steps.latest("pk").user == user
            else:
                with pytest.raises(NotPossible):
                    act(made)
                assert AuditEntry.objects.count() == entries


def test_what_an_act_needs(city: ui_city.City) -> None:
    user, made = city.users["inspector"], filed(city)
    for refused in (
        lambda: complaints.refuse(made, user, "because", "", on=TODAY),
        lambda: complaints.refuse(made, user, "territory", " ", on=TODAY),
        lambda: complaints.forward(made, user, None, " ", on=TODAY),
        lambda: complaints.accept(made, user, on=TODAY - dt.timedelta(days=1)),
        lambda: complaints.share(made, user, " ", on=TODAY),
        lambda: complaints.share(made, user, f"请联系{NAME}", on=TODAY),
        lambda: complaints.match(made, user, city.a.project, on=TODAY),
    ):
        with pytest.raises(NotPossible):
            refused()
    complaints.accept(made, user, on=TODAY)
    with pytest.raises(NotPossible):
        complaints.answer(made, user, "", on=TODAY)
    assert complaints.refuse(filed(city), user, "expired", "", on=TODAY).standing == "refused"


def test_an_act_judges_the_project_anew(city: ui_city.City) -> None:
    made = society.complaint(city.a.project, "2026-03-02")
    engine.evaluate(TODAY)
    assert Warning.objects.open().filter(rule="G1", subject=made.number).exists()
    complaints.accept(made, city.users["inspector"], on=TODAY)
    work = Work.objects.latest("pk")
    assert work.function == "alerts.tasks.feed_committed"
    from alerts.tasks import feed_committed

    feed_committed(**work.arguments)
    assert not Warning.objects.open().filter(rule="G1", subject=made.number).exists()


def test_a_person_names_the_project_and_nothing_is_guessed(city: ui_city.City) -> None:
    made = society.complaint(
        None, str(TODAY), site_name="甲示例工程工地", region_id="330902", company_name="",
        text="没钱",
    )  # fmt: skip
    inspector = Member.objects.get(user=city.users["inspector"])
    assert complaints.suggestions(made, inspector)[0] == city.a.project
    engine.evaluate(TODAY)
    made.refresh_from_db()
    assert made.project is None
    client = as_user(city, "inspector")
    assert city.a.project.name in client.get(reverse("complaint", args=[made.pk])).content.decode()
    assert post(client, made, "match", code="P-no-such").status_code == 400
    assert post(client, made, "match", code=city.a.project.code).status_code == 302
    made.refresh_from_db()
    assert (made.project, made.region_id) == (city.a.project, "330902")


# ---- who sees what


WHO = {
    "inspector": "ab-?", "regulator": "a", "government": "a-", "inspector_b": "b?",
    "regulator_b": "", "general_a": "", "sub_a": "", "owner_a": "", "general_b": "", "nobody": "",
}  # fmt: skip


@pytest.mark.parametrize(("name", "expected"), WHO.items())
def test_who_sees_which_complaint(city: ui_city.City, name: str, expected: str) -> None:
    """a and b: of a project; -: of no project, in the district of a; ?: of nowhere."""
    made = {
        "a": filed(city, city.a),
        "b": filed(city, city.b),
        "-": society.complaint(None, str(TODAY), region_id="330902"),
        "?": society.complaint(None, str(TODAY)),
    }
    signs = {one.pk: sign for sign, one in made.items()}
    member = scope.member_of(city.users[name])
    seen = Complaint.objects.visible_to(member).order_by("pk").values_list("pk", flat=True)
    assert "".join(signs[pk] for pk in seen) == expected


def test_companies_see_what_was_shared_and_nothing_more(city: ui_city.City) -> None:
    made, other = filed(city), filed(city)
    user = city.users["inspector"]
    complaints.share(made, user, "有工人反映2月工资未发,请核实。", on=TODAY)
    for name in ("general_a", "owner_a"):
        client = as_user(city, name)
        pages = [
            client.get(reverse("complaints")),
            client.get(reverse("complaint", args=[made.pk])),
            client.get(reverse("project", args=[city.a.project.code])),
        ]
        for page in pages:
            text = page.content.decode()
            assert page.status_code == 200 and "有工人反映2月工资未发" in text
            assert not [said for said in SECRETS if said in text]
            assert other.number not in text
        assert client.get(reverse("complaint", args=[other.pk])).status_code == 404
        assert client.get(reverse("complaint-export")).status_code == 403
    assert as_user(city, "general_b").get(reverse("complaint", args=[made.pk])).status_code == 404
    assert as_user(city, "sub_a").get(reverse("complaints")).status_code == 403
    text = as_user(city, "sub_a").get(reverse("project", args=[city.a.project.code])).content
    assert made.number not in text.decode()


def test_no_company_sees_what_an_authority_is_late_with(city: ui_city.City) -> None:
    society.complaint(city.a.project, "2026-03-02")
    society.indicators(city.a.sub, "gas", "2025-09", [100] * 6 + [10], "2026-04-05")
    engine.evaluate(ui_city.AS_OF)
    g1, i2 = (Warning.objects.get(rule=rule) for rule in ("G1", "I2"))
    assert (g1.company, i2.company) == (city.a.general, city.a.sub)
    sees: dict[str, set[str]] = {
        name: set(
            Warning.objects.visible_to(scope.member_of(city.users[name]))
            .filter(rule__in=("G1", "I2"))
            .values_list("rule", flat=True)
        )
        for name in WHO
    }
    both = {"G1", "I2"}
    assert {name for name, rules in sees.items() if rules == both} == {
        "inspector", "regulator", "government",
    }  # fmt: skip
    assert {name for name, rules in sees.items() if rules == {"I2"}} == {"sub_a"}
    for name in ("general_a", "owner_a"):
        client = as_user(city, name)
        assert client.get(reverse("warning", args=[g1.pk])).status_code == 404
        assert client.get(reverse("warning", args=[i2.pk])).status_code == 404
        desk = client.get(reverse("desk")).content.decode()
        assert f"/warnings/{g1.pk}/" not in desk
        assert f"/warnings/{city.a.warning.pk}/" in desk
    page = as_user(city, "inspector").get(reverse("warning", args=[g1.pk])).content.decode()
    assert city.authority.name in page and "承办机关" in page


def test_pages_of_authorities_mask_the_person_until_a_purpose_is_given(city: ui_city.City) -> None:
    made = filed(city, id_number=factories.id_number(8))
    for name in ("inspector", "regulator", "government"):
        text = as_user(city, name).get(reverse("complaint", args=[made.pk])).content.decode()
        assert not [said for said in (PHONE, NAME, made.id_number) if said in text]
        assert "住宿舍的人" in text and "欧***" in text
    url = reverse("complaint-person", args=[made.pk])
    assert as_user(city, "regulator").post(url, {"purpose": "核实情况"}).status_code == 403
    client = as_user(city, "inspector")
    assert NAME not in client.get(url).content.decode()
    assert NAME not in client.post(url, {"purpose": "x"}).content.decode()
    assert not AuditEntry.objects.filter(act="complainant-revealed").exists()
    shown = client.post(url, {"purpose": "电话核实"}).content.decode()
    assert NAME in shown and PHONE in shown and made.id_number in shown
    entry = AuditEntry.objects.get(act="complainant-revealed")
    assert entry.detail == {"purpose": "电话核实"}


def test_the_authority_that_got_it_decides_and_other_regulators_do_not(city: ui_city.City) -> None:
    housing = Authority.objects.create(kind="housing", region_id="330902", name="示例区住建局")
    Member.objects.filter(user=city.users["regulator"]).update(authority=housing)
    made = filed(city)
    client = as_user(city, "regulator")
    assert post(client, made, "accept").status_code == 403
    inspector = as_user(city, "inspector")
    assert post(inspector, made, "forward", authority=housing.pk).status_code == 302
    assert post(client, made, "accept").status_code == 302
    made.refresh_from_db()
    assert (made.standing, made.authority) == ("accepted", housing)
    assert post(client, made, "no-such-act").status_code == 404


# ---- lists


def test_the_list_filters_searches_and_pages(city: ui_city.City) -> None:
    client = as_user(city, "inspector")
    assert "没有投诉" in client.get(reverse("complaints")).content.decode()
    a, b = filed(city, city.a, reference="HJ77"), filed(city, city.b, channel="visit")
    unknown = society.complaint(None, "2026-03-02", region_id="330921", site_name="码头工地")
    society.step(b, "accepted", str(TODAY))

    def found(**asked: Any) -> set[Any]:
        page = client.get(reverse("complaints"), asked)
        assert page.status_code == 200
        return {row for row, _due in page.context["rows"]}

    assert found() == {a, b, unknown}
    assert found(standing="open") == {a, b, unknown}
    assert found(standing="accepted") == found(channel="visit") == {b}
    assert found(region="330921") == {b, unknown}
    assert found(place="unknown") == found(q="码头") == found(overdue="on") == {unknown}
    assert found(q=a.number) == found(q="hj77") == {a}
    assert found(project=city.b.project.code) == {b}
    assert found(q="没有这样的") == set()
    many = [filed(city) for _ in range(60)]
    first = client.get(reverse("complaints")).context
    assert len(first["rows"]) == 50 and first["page"].following
    rest = client.get(reverse("complaints"), {"after": first["page"].following}).context
    assert len(rest["rows"]) == len(many) + 3 - 50


def test_overdue_is_the_day_after_the_fifth_working_day(city: ui_city.City) -> None:
    values = {"accept": 5, "answer": 60}
    made = society.complaint(None, "2026-02-12", region_id="330902")
    for day, late in (("2026-02-26", False), ("2026-02-27", True)):
        today = dt.date.fromisoformat(day)
        assert Complaint.objects.filter(complaints.late(today, values)).exists() is late
    society.step(made, "accepted", "2026-02-26")
    last = WorkingDays.load().add(dt.date(2026, 2, 26), 60)
    assert complaints.with_limits([made], values)[0][1] == last
    assert not Complaint.objects.filter(complaints.late(last, values)).exists()
    assert Complaint.objects.filter(complaints.late(last + dt.timedelta(days=1), values)).exists()
    society.step(made, "answered", str(last))
    assert complaints.with_limits([made], values)[0][1] is None


def test_the_list_as_xlsx_names_nobody(city: ui_city.City) -> None:
    made = filed(city, site_name="=1+1")
    filed(city, city.b)
    response = as_user(city, "regulator").get(reverse("complaint-export"))
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == [made.number]
    assert "=1+1" in rows[1] and sheet["J2"].data_type == "s"
    text = str(rows)
    assert not [said for said in (PHONE, NAME, "宿舍") if said in text]
    assert AuditEntry.objects.filter(act="complaints-exported").count() == 1


def test_the_number_of_queries_of_the_list_does_not_grow(
    city: ui_city.City, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            assert as_user(city, "inspector").get(reverse("complaints")).status_code == 200
        return len(context)

    filed(city)
    few = queries()
    for _ in range(8):
        filed(city, city.b)
    assert queries() == few


def test_an_inspector_registers_one(city: ui_city.City) -> None:
    client = as_user(city, "inspector")
    data = {
        "channel": "visit", "received_on": str(TODAY), "text": "三人来访", "people": "3",
        "code": city.a.project.code, "phone": "139 1234 5678", "first_month": "2026-02",
        "last_month": "2026-03", "amount": "24000",
        "papers": SimpleUploadedFile("欠条.jpg", b"\xff\xd8 made up"),
    }  # fmt: skip
    assert client.post(reverse("complaint-new"), data).status_code == 302
    made = Complaint.objects.get()
    assert (made.project, made.people, made.phone) == (city.a.project, 3, PHONE)
    assert str(made.first_month) == "2026-02" and not made.from_public
    paper = ComplaintFile.objects.get()
    assert client.get(reverse("complaint-file", args=[paper.pk])).getvalue() == b"\xff\xd8 made up"
    assert (
        as_user(city, "regulator").get(reverse("complaint-file", args=[paper.pk])).status_code
        == 403
    )
    for wrong in (
        {"received_on": "2099-01-01"}, {"code": "P-no"}, {"id_number": "330902198001010010"},
        {"phone": "老王"}, {"first_month": "三月"}, {"last_month": "2025-01"}, {"people": "0"},
        {"text": ""},
    ):  # fmt: skip
        data["papers"] = SimpleUploadedFile("a.jpg", b"x")
        assert client.post(reverse("complaint-new"), data | wrong).status_code == 400, wrong
    assert Complaint.objects.count() == 1


# ---- the workers' own pages


def lodged(client: Client, **changes: Any) -> Any:
    data = {"site_name": "东港安置房", "text": f"{NAME}的工资没发", "people": "1", "phone": PHONE}
    return client.post(reverse("complain"), data | changes)


def test_a_worker_complains_and_sees_what_becomes_of_it(city: ui_city.City) -> None:
    client = Client()
    link = f"{reverse('complain')}?p={city.a.project.code}"
    assert city.a.project.name in client.get(link).content.decode()
    paper = SimpleUploadedFile("工资条.png", b"\x89PNG made up")
    data = {"project": city.a.project.code, "text": "没发工资", "people": "2", "phone": PHONE}
    page = client.post(link, data | {"papers": paper})
    assert page.status_code == 200
    made, code = Complaint.objects.get(), page.context["code"]
    text = page.content.decode()
    assert made.number in text and code in text and PHONE not in text and "没发工资" not in text
    assert (made.channel, made.project, made.from_public) == ("qr", city.a.project, True)
    assert made.received_on == made.known_from == TODAY and made.files.count() == 1

    def look(number: str, secret: str) -> Any:
        return client.post(reverse("complain-lookup"), {"number": number, "code": secret})

    seen = look(made.number.lower(), f" {code.lower()} ").content.decode()
    assert "还没有决定" in seen and PHONE not in seen and city.a.project.name not in seen
    inspector = city.users["inspector"]
    complaints.forward(made, inspector, city.authority, "请等候", on=TODAY)
    complaints.share(made, inspector, "给企业看的话", on=TODAY)
    seen = look(made.number, code).content.decode()
    assert city.authority.name in seen and "请等候" in seen
    assert "给企业看的话" not in seen and inspector.username not in seen


def test_wrong_codes_lock_the_number_for_an_hour(city: ui_city.City) -> None:
    client = Client()
    page = lodged(client)
    made, code = page.context["made"], page.context["code"]
    ask = reverse("complain-lookup")
    for _ in range(complaints.TRIES):
        assert client.post(ask, {"number": made.number, "code": "AAAAAAAA"}).status_code == 404
    assert client.post(ask, {"number": made.number, "code": code}).status_code == 429
    assert client.post(ask, {"number": "TS9999999", "code": code}).status_code == 404


def test_the_public_form_resists_programs_and_floods(city: ui_city.City) -> None:
    client = Client()
    assert lodged(client, website="http://spam").status_code == 400
    assert lodged(client, site_name="").status_code == 400
    assert not Complaint.objects.exists()
    for _ in range(complaints.LODGED):
        assert lodged(client).status_code == 200
    assert lodged(client).status_code == 429
    assert Complaint.objects.count() == complaints.LODGED
    other = Client(REMOTE_ADDR="192.0.2.7")
    assert lodged(other).status_code == 200


def test_too_many_visits_are_refused(city: ui_city.City, monkeypatch: Any) -> None:
    monkeypatch.setattr(complaints, "VISITS", 2)
    client = Client()
    assert [client.get(reverse("complain")).status_code for _ in range(3)] == [200, 200, 429]
    assert client.get(reverse("complain-lookup")).status_code == 429
    assert client.get(reverse("complain-sites")).status_code == 429


def test_sites_are_found_by_their_name_or_contractor(city: ui_city.City) -> None:
    client, url = Client(), reverse("complain-sites")
    assert city.a.project.code in client.get(url, {"site_name": "甲示例工程"}).content.decode()
    text = client.get(url, {"site_name": city.b.general.name}).content.decode()
    assert city.b.project.code in text and city.a.project.code not in text
    assert city.a.project.code not in client.get(url, {"site_name": "甲"}).content.decode()


def test_the_poster_leads_to_the_form_of_its_project(city: ui_city.City) -> None:
    url = reverse("complaint-poster", args=[city.a.project.code])
    for name, status in (
        ("inspector", 200),
        ("general_a", 200),
        ("general_b", 404),
        ("sub_a", 403),
    ):
        page = as_user(city, name).get(url)
        assert page.status_code == status
        if status == 200:
            text = page.content.decode()
            assert f"/complain/?p={city.a.project.code}" in text and "<svg" in text


# ---- REST


def test_the_interface_gives_complaints_to_authorities(city: ui_city.City) -> None:
    made = filed(city)
    filed(city, city.b)
    society.step(made, "accepted", str(TODAY))
    complaints.share(made, city.users["inspector"], "请核实", on=TODAY)

    def get(name: str, path: str) -> Any:
        _token, text = tokens.issue(city.users[name], "t", may_write=False, days=30)
        return Client().get(path, headers={"Authorization": f"Bearer {text}"})

    rows = get("regulator", "/api/v1/complaints").json()["results"]
    assert [row["number"] for row in rows] == [made.number]
    assert get("regulator", "/api/v1/complaints?standing=waiting").json()["results"] == []
    one = get("inspector", f"/api/v1/complaints/{made.pk}").json()
    assert [step["act"] for step in one["steps"]] == ["matched", "accepted", "shared"]
    assert not [said for said in SECRETS[:4] if said in str(one)]
    for name in ("general_a", "owner_a", "sub_a"):
        assert get(name, "/api/v1/complaints").json()["results"] == []
        assert get(name, f"/api/v1/complaints/{made.pk}").status_code == 404
    assert ComplaintStep.objects.count() == 4
