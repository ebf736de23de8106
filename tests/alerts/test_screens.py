"""The desk, a warning's page and notices: what each role sees, and what it may do."""

import datetime as dt
import io
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from alerts.models import Evaluation, Level, Notice, Warning, WarningEvent
from projects.models import Authority, Company, Member, Party, Project
from tests import factories
from wagewatch.models import AuditEntry
from wagewatch.months import Month

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 4, 2)
EXPORT = "/warnings.xlsx"


def warn(project: Project, company: Company | None = None, **fields: Any) -> Warning:
    fields = {
        "rule": "E1",
        "level": Level.ORANGE,
        "month": Month.parse("2026-02"),
        "since": dt.date(2026, 3, 14),
        "opened_on": dt.date(2026, 3, 14),
        "evidence": {"facts": [], "as_of": "2026-04-02", "rows": [], "rows_total": 0},
    } | fields
    return Warning.objects.create(project=project, company=company or project.contractor, **fields)


def client(role: str, **fields: Any) -> Client:
    user = User.objects.create_user(f"{role}{User.objects.count()}", password="x" * 12)
    Member.objects.create(user=user, role=role, **fields)
    made = Client()
    made.force_login(user)
    return made


@pytest.fixture
def city() -> dict[str, Any]:
    """Two projects in Dinghai and Putuo; on the first, a warning of the general contractor and one
    of a subcontractor; on the second, one of its own contractor."""
    Evaluation.objects.create(as_of=DAY, projects=2, whole_city=True)
    sub = factories.company("海岛劳务有限公司")
    first = factories.project(name="定海工程", region_id="330902", industry="housing")
    second = factories.project(name="普陀工程", region_id="330903", industry="transport")
    Party.objects.create(project=first, company=sub, role="sub", known_from=factories.EARLY)
    return {
        "first": first,
        "second": second,
        "sub": sub,
        "general_warning": warn(first, amount=100),
        "sub_warning": warn(first, sub, level=Level.RED, amount=300, since=dt.date(2026, 1, 16)),
        "second_warning": warn(second, rule="D1", level=Level.YELLOW, since=dt.date(2026, 3, 30)),
    }


def inspector(region: str = "330900", **fields: Any) -> Client:
    return client("inspector", region_id=region, **fields)


def seen(caller: Client, **query: Any) -> set[int]:
    response = caller.get("/", query)
    assert response.status_code == 200
    return {row.pk for row in response.context["page"].rows}


WHO = {
    "city inspector": ("inspector", {"region_id": "330900"}, "general sub second"),
    "county inspector": ("inspector", {"region_id": "330903"}, "second"),
    "government": ("government", {"region_id": "330902"}, "general sub"),
    "regulator": ("regulator", {"region_id": "330900", "industries": ["transport"]}, "second"),
    "general": ("general", "contractor", "general sub"),
    "owner": ("owner", "owner", "general sub"),
    "sub": ("sub", "sub", "sub"),
}


@pytest.mark.parametrize("who", WHO)
def test_what_each_role_sees(city: dict[str, Any], who: str) -> None:
    role, fields, names = WHO[who]
    if isinstance(fields, str):
        fields = {"company": city["sub"] if fields == "sub" else getattr(city["first"], fields)}
    caller = client(role, **fields)
    mine = {city[f"{name}_warning"].pk for name in names.split()}
    assert seen(caller) == mine
    for name in ("general", "sub", "second"):
        pk = city[f"{name}_warning"].pk
        expected = 200 if pk in mine else 404
        assert caller.get(reverse("warning", args=[pk])).status_code == expected
    book = load_workbook(io.BytesIO(caller.get(EXPORT).content))
    assert {row[0] for row in book.active.iter_rows(min_row=2, values_only=True)} == mine


def test_nobody_and_an_account_without_a_role_see_nothing(city: dict[str, Any]) -> None:
    pages = ["/", EXPORT, "/notices/", f"/warnings/{city['sub_warning'].pk}/"]
    assert all(Client().get(page).status_code == 302 for page in pages)
    stranger = Client()
    stranger.force_login(User.objects.create_user("stranger"))
    assert all(stranger.get(page).status_code == 403 for page in pages)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"level": ["4", "3"]}, "general sub"),
        ({"level": "2"}, "second"),
        ({"rule": "D1"}, "second"),
        ({"stage": "payment"}, "general sub"),
        ({"region": "330903"}, "second"),
        ({"industry": "housing"}, "general sub"),
        ({"age": "week"}, "second"),
        ({"age": "month"}, "general"),
        ({"age": "quarter"}, "sub"),
        ({"month": "2026-01"}, ""),
        ({"month": "2026-02"}, "general sub second"),
        ({"q": "海岛"}, "sub"),
        ({"q": "普陀"}, "second"),
        ({"data": "missing"}, ""),
        ({"status": "cleared"}, ""),
        ({"level": "9"}, "general sub second"),
    ],
)
def test_filters(city: dict[str, Any], query: dict[str, Any], names: str) -> None:
    expected = {city[f"{name}_warning"].pk for name in names.split()}
    assert seen(inspector(), **query) == expected


def test_search_by_credit_code_and_project_code(city: dict[str, Any]) -> None:
    caller = inspector()
    assert seen(caller, q=city["sub"].code) == {city["sub_warning"].pk}
    assert seen(caller, q=city["second"].code) == {city["second_warning"].pk}


def test_folded_and_closed_are_shown_only_when_asked_for(city: dict[str, Any]) -> None:
    caller = inspector()
    Warning.objects.filter(pk=city["sub_warning"].pk).update(folded_under=city["general_warning"])
    Warning.objects.filter(pk=city["second_warning"].pk).update(status="cleared")
    assert seen(caller) == {city["general_warning"].pk}
    assert seen(caller, folded="true") == {city["general_warning"].pk, city["sub_warning"].pk}
    assert seen(caller, status="cleared") == {city["second_warning"].pk}
    page = caller.get(reverse("warning", args=[city["general_warning"].pk]))
    assert [row.pk for row in page.context["folded"]] == [city["sub_warning"].pk]


def test_queries_do_not_grow_with_warnings(
    city: dict[str, Any], django_assert_num_queries: Any
) -> None:
    caller = inspector()
    counts = []
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for n in (5, 50):
        for k in range(n):
            other = factories.project(name=f"工程{n}-{k}")
            warn(other)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert caller.get("/").status_code == 200
        counts.append(len(caught))
    assert counts[0] == counts[1]
    with django_assert_num_queries(counts[0]):
        caller.get("/")
    assert counts[0] <= 12


def test_export_is_the_filtered_list_and_on_record(city: dict[str, Any]) -> None:
    Project.objects.filter(pk=city["second"].pk).update(name="=1+1")
    caller = inspector()
    response = caller.get(EXPORT, {"rule": "D1"})
    book = load_workbook(io.BytesIO(response.content))
    [row] = list(book.active.iter_rows(min_row=2))
    assert row[0].value == city["second_warning"].pk
    assert row[4].value == "=1+1" and row[4].data_type == "s"
    entry = AuditEntry.objects.get(act="warnings-exported")
    assert entry.detail == {"filters": "rule=D1", "rows": 1}


DISMISSAL = {"reason": "企业已提交付款凭证,待银行数据", "until": "2026-04-20"}


def test_only_an_inspector_of_the_territory_sets_aside(city: dict[str, Any]) -> None:
    warning = city["sub_warning"]
    url = reverse("warning-dismiss", args=[warning.pk])
    for role, fields in (
        ("government", {"region_id": "330900"}),
        ("regulator", {"region_id": "330900", "industries": ["housing"]}),
        ("general", {"company": city["first"].contractor}),
        ("sub", {"company": city["sub"]}),
    ):
        caller = client(role, **fields)
        assert caller.post(url, DISMISSAL).status_code == 403
        page = caller.get(reverse("warning", args=[warning.pk])).content.decode()
        assert url not in page and reverse("notice-new") not in page
    assert inspector("330903").post(url, DISMISSAL).status_code == 404
    warning.refresh_from_db()
    assert warning.status == "open"

    caller = inspector("330902")
    assert caller.get(url).status_code == 405
    assert caller.post(url, DISMISSAL).status_code == 302
    warning.refresh_from_db()
    assert (warning.status, warning.dismissed_until) == ("dismissed", dt.date(2026, 4, 20))
    event = WarningEvent.objects.get(warning=warning)
    assert (event.act, event.on, event.note) == ("dismissed", DAY, DISMISSAL["reason"])
    caller.post(reverse("warning-restore", args=[warning.pk]))
    warning.refresh_from_db()
    assert warning.status == "open"


@pytest.mark.parametrize("change", [{"reason": " "}, {"until": "2026-04-01"}, {"until": "soon"}])
def test_a_dismissal_needs_a_reason_and_a_day_to_come(
    city: dict[str, Any], change: dict[str, str]
) -> None:
    warning = city["sub_warning"]
    url = reverse("warning-dismiss", args=[warning.pk])
    response = inspector().post(url, DISMISSAL | change)
    assert response.status_code == 400 and response.context["form"].errors
    warning.refresh_from_db()
    assert warning.status == "open"


def test_data_missing_is_said_and_carries_no_notice(city: dict[str, Any]) -> None:
    warning = city["sub_warning"]
    Warning.objects.filter(pk=warning.pk).update(data_missing=True)
    page = inspector().get(reverse("warning", args=[warning.pk]))
    assert reverse("notice-new") not in page.content.decode()


def test_a_refused_notice_says_why_and_leaves_nothing(city: dict[str, Any]) -> None:
    """Warnings of two companies; an authority without a document mark; one of another county."""
    caller = inspector()
    both = [city["sub_warning"].pk, city["general_warning"].pk]
    form = {"warning": both, "due_on": "2026-04-09"}
    Authority.objects.create(
        kind="hrss", region_id="330900", name="舟山市人社局", document_mark="舟人社监令字"
    )
    response = caller.post(reverse("notice-new"), form)
    assert response.status_code == 400
    assert response.context["problem"]
    assert not Notice.objects.exists()
    county = inspector("330903")
    assert county.get(reverse("notice-new"), {"warning": both}).status_code == 404
    assert (
        client("owner", company=city["first"].owner).get(reverse("notice-new")).status_code == 403
    )


@pytest.mark.django_db(transaction=True)
def test_a_notice_is_issued_dated_the_day_evaluated(settings: Any, tmp_path: Any) -> None:
    """From the engine's own warning to the PDF; the company reads it, another does not."""
    from alerts import engine

    settings.MEDIA_ROOT = tmp_path
    project = factories.project(known=factories.EARLY)
    worker = factories.worker(project)
    factories.attend(worker, "2026-02")
    factories.sheet(project, "2026-02", {worker: 6200})
    factories.statement(project, dt.date(2026, 3, 31))
    engine.evaluate(DAY)
    warning = Warning.objects.open().get(rule="E1")
    authority = Authority.objects.create(
        kind="hrss",
        region_id="330900",
        name="舟山市人社局",
        document_mark="舟人社监令字",
        government="舟山市人民政府",
        court="舟山市定海区人民法院",
    )
    caller = inspector(authority=authority)
    response = caller.post(reverse("notice-new"), {"warning": [warning.pk], "due_on": "2026-04-09"})
    assert response.status_code == 302, response.context["problem"]
    notice = Notice.objects.get()
    assert (notice.issued_on, notice.due_on) == (DAY, dt.date(2026, 4, 9))
    pdf = reverse("notice-file", args=[notice.pk])
    own = client("general", company=project.contractor)
    assert own.get(pdf).content.startswith(b"%PDF")
    assert notice.document_number in own.get("/notices/").content.decode()
    other = client("general", company=factories.company())
    assert other.get(pdf).status_code == 404
    assert other.get(reverse("notice", args=[notice.pk])).status_code == 404
    assert AuditEntry.objects.filter(act="notice-opened").count() == 1
    page = caller.get(reverse("notice", args=[notice.pk])).content.decode()
    assert notice.sha256 in page


def test_sign_in_and_languages() -> None:
    caller = Client()
    page = caller.get(reverse("account_login")).content.decode()
    assert 'lang="zh-hans"' in page
    caller.post(reverse("set_language"), {"language": "en", "next": "/accounts/login/"})
    assert "Sign in" in caller.get(reverse("account_login")).content.decode()


def test_sign_in_leads_back_to_the_page_asked_for() -> None:
    User.objects.create_user("someone", password="a-long-password")
    caller = Client()
    page = caller.get("/notices/", follow=True).content.decode()
    assert 'name="next"' in page and 'value="/notices/"' in page
    data = {"login": "someone", "password": "a-long-password", "next": "/notices/"}
    assert caller.post(reverse("account_login"), data)["Location"] == "/notices/"
    wrong = caller.post(reverse("account_logout")) and caller.post(
        reverse("account_login"), data | {"password": "no"}
    )
    assert wrong.status_code == 200 and "alert-error" in wrong.content.decode()


def test_pages_follow_each_other_without_gap_or_repeat(city: dict[str, Any]) -> None:
    caller = inspector()
    for n in range(150):
        warn(city["first"], subject=str(n))
    query: dict[str, Any] | str = {}
    found: list[int] = []
    for _page in range(10):
        page = caller.get("/", query).context["page"]
        found += [row.pk for row in page.rows]
        if not page.following:
            break
        query = {"after": page.following}
    assert len(found) == len(set(found)) == 153


def test_levels_count_under_the_other_filters(city: dict[str, Any]) -> None:
    levels = inspector().get("/", {"level": "4", "industry": "housing"}).context["levels"]
    assert [one["count"] for one in levels] == [1, 1, 0, 0]


def test_htmx_gets_the_results_only(city: dict[str, Any]) -> None:
    response = inspector().get("/", {"level": "4"}, headers={"HX-Request": "true"})
    assert b"<html" not in response.content and "HX-Request" in response["Vary"]


def test_who_clears_first_is_said_only_of_wages_owed(city: dict[str, Any]) -> None:
    """Reg. 30 and 29 are the law of arrears, not of a missing account or sheet."""
    evidence = {"responsible": [{"code": "", "name": "东海建工", "role": "general"}]}
    Warning.objects.update(evidence=evidence)
    caller, said = inspector(), "先行清偿"
    for name, owed in (("sub", True), ("second", False)):
        page = caller.get(reverse("warning", args=[city[f"{name}_warning"].pk])).content.decode()
        assert (said in page) is owed
