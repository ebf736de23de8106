"""The pages of cases: open one, work on it, find it, take the list away; what companies see."""

import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from alerts import cases, engine
from alerts.models import Case, Warning
from projects.models import Authority
from tests import factories, ui_city
from tests.alerts.judge import day
from wagewatch.models import AuditEntry

pytestmark = pytest.mark.django_db
AS_OF = ui_city.AS_OF


@pytest.fixture
def city(settings: Any, tmp_path: Any) -> ui_city.City:
    settings.MEDIA_ROOT = tmp_path
    return ui_city.city()


def signed_in(city: ui_city.City, who: str) -> Client:
    client = Client()
    client.force_login(city.users[who])
    return client


def text(client: Client, url: str, **query: Any) -> str:
    return client.get(url, query).content.decode()


def county() -> Authority:
    return Authority.objects.create(
        kind=Authority.Kind.HRSS, region_id="330902", name="示例区人力资源和社会保障局"
    )


def test_from_a_warning_to_a_closed_case(city: ui_city.City) -> None:
    inspector, warning = signed_in(city, "inspector"), city.a.warning
    start = reverse("case-new")
    assert f"{start}?warning={warning.pk}" in text(inspector, f"/warnings/{warning.pk}/")
    assert start in text(inspector, "/")  # on the desk, for the chosen ones
    page = text(inspector, start, warning=warning.pk)
    assert city.a.sub.name in page and "示例市人力资源和社会保障局" in page
    fields = {"warning": warning.pk, "source": "inspection", "officer": "", "note": "巡查发现"}
    assert inspector.post(start, fields).status_code == 302
    case = Case.objects.get()
    assert (case.source, case.opened_on, case.officer) == ("inspection", AS_OF, None)
    url = reverse("case", args=[case.pk])
    assert case.reference in text(inspector, f"/warnings/{warning.pk}/")
    assert f"{start}?warning" not in text(inspector, f"/warnings/{warning.pk}/")
    assert inspector.post(start, fields).status_code == 400 and Case.objects.count() == 1

    def do(act: str, **given: Any) -> int:
        fields = {f"{act}-{name}": value for name, value in given.items()}
        return inspector.post(reverse("case-act", args=[case.pk, act]), fields).status_code

    assert do("assign", officer=city.users["inspector"].pk) == 302
    assert do("note", text="现场询问3名工人") == 302
    assert do("extend", reason="案情复杂") == 400  # who approved it?
    assert do("extend", reason="案情复杂", approved_by="王局长") == 302
    assert do("close", result="", reason="x") == 400
    assert do("close", result="paid", reason="工资已付清") == 302
    assert do("note", text="太晚") == 302  # says that it is not possible
    assert do("link", text="x") == 404 and do("burn") == 404
    page = text(inspector, url)
    for words in ("巡查发现", "现场询问3名工人", "王局长", "工资已付清", warning.company.name):
        assert words in page
    assert "太晚" not in page
    case.refresh_from_db()
    assert (
        case.standing == "closed" and AuditEntry.objects.filter(act__startswith="case").count() == 5
    )


def test_another_warning_is_added_to_the_case(city: ui_city.City) -> None:
    case, inspector = ui_city.case(city, city.a), signed_in(city, "inspector")
    factories.attend(city.a.people[0], "2026-04")
    engine.evaluate(day("2026-05-12"))
    other = Warning.objects.open().get(company=city.a.sub, rule="D1")
    page = text(inspector, reverse("case-new"), warning=other.pk)
    assert case.reference in page
    assert case.warnings.count() == 1  # looking changes nothing
    inspector.get(reverse("case-new"), {"warning": other.pk, "case": case.pk})
    assert case.warnings.count() == 1
    inspector.post(reverse("case-new"), {"warning": other.pk, "case": case.pk})
    assert set(case.warnings.all()) == {city.a.warning, other}


def test_the_list_is_filtered_sorted_searched_and_exported(city: ui_city.City) -> None:
    first, second = ui_city.case(city, city.a), ui_city.case(city, city.b)
    officer = city.users["inspector"]
    cases.assign(first, officer, officer, on=AS_OF)
    cases.extend(second, officer, "x", "y", on=AS_OF)
    engine.evaluate(day("2026-07-29"))  # a day past the first one's limit
    inspector, url = signed_in(city, "inspector"), reverse("cases")

    def listed(**query: Any) -> str:
        page = text(inspector, url, **query)
        return "".join(
            letter for letter, one in (("a", first), ("b", second)) if one.reference in page
        )

    assert listed() == "ab"
    assert listed(q=city.a.sub.name) == "a" and listed(q="没有") == ""
    assert listed(officer=officer.pk) == "a" and listed(clock="over") == "a"
    assert listed(clock="extended") == "b" and listed(clock="soon") == ""
    assert listed(region="330921") == "b" and listed(authority=city.authority.pk) == "ab"
    assert listed(standing="closed") == "" and listed(standing="all", sort="new") == "ab"
    content = inspector.get(reverse("cases-export"), {"q": city.a.sub.name}).content
    rows = list(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert len(rows) == 2 and rows[1][0] == first.reference and rows[1][11] == -1
    assert AuditEntry.objects.get(act="cases-exported").detail["rows"] == 1
    assert "没有" in text(inspector, url, q="没有") and "empty" in text(inspector, url, q="没有")


def test_the_list_asks_the_same_questions_for_more_cases(
    city: ui_city.City, django_assert_num_queries: Any
) -> None:
    ui_city.case(city, city.a)
    inspector = signed_in(city, "inspector")
    inspector.get(reverse("cases"))
    with CaptureQueriesContext(connection) as one:
        inspector.get(reverse("cases"))
    ui_city.case(city, city.b)
    with django_assert_num_queries(len(one)):
        inspector.get(reverse("cases"))


def test_only_the_authority_in_charge_acts(city: ui_city.City) -> None:
    case, district = ui_city.case(city, city.a), county()
    ui = city.users
    ui["officer"] = ui_city.user(
        "officer", role="inspector", region_id="330902", authority=district
    )
    act = reverse("case-act", args=[case.pk, "note"])
    assert signed_in(city, "officer").post(act, {"note-text": "x"}).status_code == 403
    to = {"hand_over-to": district.pk, "hand_over-reason": "属地办理", "hand_over-report_on": ""}
    inspector = signed_in(city, "inspector")
    assert inspector.post(reverse("case-act", args=[case.pk, "hand_over"]), to).status_code == 302
    assert inspector.post(act, {"note-text": "x"}).status_code == 403
    officer = signed_in(city, "officer")
    assert reverse("case-act", args=[case.pk, "take_up"]) in text(
        officer, reverse("case", args=[case.pk])
    )
    officer.post(reverse("case-act", args=[case.pk, "take_up"]), {"take_up-officer": ""})
    case.refresh_from_db()
    assert (case.standing, case.officer) == ("open", ui["officer"])


def test_what_is_late_is_shown_to_its_government(city: ui_city.City) -> None:
    case = ui_city.case(city, city.a)
    cases.hand_over(case, city.users["inspector"], county(), "x", on=AS_OF)
    engine.evaluate(day("2026-07-29"))
    url = reverse("oversight")
    page = text(signed_in(city, "government"), url)
    assert "示例区人力资源和社会保障局" in page and "H2 1" in page and "H4 1" in page
    late = Warning.objects.get(rule="H4")
    assert "示例区人力资源和社会保障局" in text(
        signed_in(city, "government"), reverse("warning", args=[late.pk])
    )
    assert "H4" not in text(signed_in(city, "inspector_b"), url)
    for who in ("sub_a", "general_a", "owner_a"):
        assert signed_in(city, who).get(reverse("warning", args=[late.pk])).status_code == 404
        assert case.reference not in text(signed_in(city, who), "/", q="H4", folded="on")
        assert signed_in(city, who).get(url).status_code == 403


def test_a_company_does_not_see_that_a_case_is_open(city: ui_city.City) -> None:
    case = ui_city.case(city, city.a)
    for who, sees in (("inspector", True), ("government", True), ("sub_a", False)):
        page = text(signed_in(city, who), reverse("warning", args=[city.a.warning.pk]))
        assert (case.reference in page) is sees, who
        assert ("立案" in page) is sees, who


def test_a_raised_level_is_explained_to_the_company(city: ui_city.City) -> None:
    engine.evaluate(day("2026-05-12"))
    page = text(signed_in(city, "sub_a"), reverse("warning", args=[city.a.warning.pk]))
    assert "2026-05-11" in page and "H1" in page and "#answers" in page
    assert page.count("level-orange") >= 1 and "level-red" in page


def test_the_lawful_steps_are_for_authorities(city: ui_city.City) -> None:
    ui_city.case(city, city.a)
    warning = city.a.warning
    warning.evidence["steps"] = [{"zh": "申请人民法院强制执行", "en": "court"}]
    warning.save()
    url = reverse("warning", args=[warning.pk])
    assert "申请人民法院强制执行" in text(signed_in(city, "inspector"), url)
    assert "申请人民法院强制执行" not in text(signed_in(city, "sub_a"), url)
