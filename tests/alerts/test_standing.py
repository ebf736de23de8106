"""The standing of companies: what counts, what never does, history, pages."""

import datetime as dt
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from alerts import parameters, scoring
from alerts.models import Answer, Inspection, RuleParameter, Standing, Warning
from projects.models import Company, Party, Region
from tests import factories, ui_city
from wagewatch.calendars import DAY
from wagewatch.models import AuditEntry

pytestmark = pytest.mark.django_db
AS_OF = ui_city.AS_OF


@pytest.fixture
def city() -> ui_city.City:
    return ui_city.city()


def of(company: Company) -> Standing:
    return Standing.objects.get(company=company, known_until=None)


def lost(standing: Standing) -> dict[str, float]:
    return {r["factor"]: float(r["lost"]) for r in standing.reasons if float(r["lost"])}


def ask(city: ui_city.City, who: str, path: str, **query: Any) -> Any:
    client = Client()
    client.force_login(city.users[who])
    return client.get(path, query)


def warn(company: Company, site: ui_city.Site, rule: str, level: int, **fields: Any) -> Warning:
    fields = {"since": AS_OF, "opened_on": AS_OF, "evidence": {}} | fields
    return Warning.objects.create(
        rule=rule, company=company, project=site.project, level=level, **fields
    )


def test_open_arrears_cost_points_and_name_the_warning(city: ui_city.City) -> None:
    assert city.a.warning.level == 3  # E1, day 15: orange
    assert scoring.compute(AS_OF) == Company.objects.count()
    found = of(city.a.sub)
    assert lost(found) == {"arrears": 20.0} and found.score == 80
    assert found.reasons[0]["warnings"] == [city.a.warning.pk]
    assert found.colour == "green"
    assert scoring.compute(AS_OF) == 0


def test_a_red_matter_of_arrears_is_red(city: ui_city.City) -> None:
    Warning.objects.filter(pk=city.a.warning.pk).update(level=4)
    scoring.compute(AS_OF)
    assert of(city.a.sub).score == 70 and of(city.a.sub).colour == "red"


def test_without_a_record_there_is_no_score(city: ui_city.City) -> None:
    stranger = factories.company()
    scoring.compute(AS_OF)
    found = of(stranger)
    assert (found.score, found.colour, found.reasons) == (None, "none", [])
    assert of(city.a.general).score is not None  # its project has a cycle that fell due


@pytest.mark.parametrize("why", ["data missing", "dismissed", "upheld", "authority"])
def test_what_is_not_proved_never_counts(city: ui_city.City, why: str) -> None:
    warning = city.a.warning
    if why == "data missing":
        Warning.objects.filter(pk=warning.pk).update(data_missing=True)
    elif why == "dismissed":
        Warning.objects.filter(pk=warning.pk).update(status="dismissed")
    elif why == "upheld":
        answer = ui_city.answered(city, city.a)
        Answer.objects.filter(pk=answer.pk).update(standing="upheld", decided_on=AS_OF)
    else:
        Warning.objects.filter(pk=warning.pk).update(rule="G1", level=4)
        warn(city.a.sub, city.a, "H4", 4)
        warn(city.a.sub, city.a, "H2", 4)
    scoring.compute(AS_OF)
    assert of(city.a.sub).score == 100 and lost(of(city.a.sub)) == {}


def test_past_late_repeated_and_disobeyed(city: ui_city.City) -> None:
    sub, site = city.a.sub, city.a
    Warning.objects.filter(pk=site.warning.pk).update(status="cleared", cleared_on=AS_OF)
    warn(sub, site, "E3", 1)
    warn(sub, site, "E7", 3, status="cleared", cleared_on=AS_OF)
    old = {"opened_on": dt.date(2023, 1, 1), "since": dt.date(2023, 1, 1)}
    warn(sub, site, "F3", 4, status="cleared", cleared_on=dt.date(2023, 2, 1), **old)
    ui_city.notice(city, site)
    scoring.compute(AS_OF)
    assert lost(of(sub)) == {"past": 2.5, "late": 1.2, "repeat": 5.0}
    Warning.objects.filter(rule="E1", company=sub).update(status="open", cleared_on=None, level=2)
    scoring.compute(AS_OF + 8 * DAY)  # the order's day has passed
    found = of(sub)
    assert lost(found)["help"] == 10.0 and lost(found)["arrears"] == 10.0
    assert next(r for r in found.reasons if r["factor"] == "help")["notices"]


def test_history_replays(city: ui_city.City) -> None:
    scoring.compute(AS_OF)
    Warning.objects.filter(pk=city.a.warning.pk).update(status="cleared", cleared_on=AS_OF + DAY)
    scoring.compute(AS_OF + DAY)
    past, now = Standing.objects.filter(company=city.a.sub).order_by("known_from")
    assert (past.score, past.known_until) == (80, AS_OF + DAY)
    assert (now.score, now.before, now.trend) == (97, 80, 17)
    assert Standing.objects.known_on(AS_OF).get(company=city.a.sub) == past
    Warning.objects.filter(pk=city.a.warning.pk).update(status="open", cleared_on=None)
    scoring.compute(AS_OF)
    assert Standing.objects.get(company=city.a.sub).score == 80


def test_weights_are_parameters_with_a_history(city: ui_city.City) -> None:
    region = Region.objects.get(pk="330900")
    parameters.set_value(
        scoring.STANDING,
        "w_arrears",
        region,
        60,
        AS_OF + DAY,
        "文件",
        None,
        on=AS_OF,
        reason="示例",
    )
    scoring.compute(AS_OF)
    assert of(city.a.sub).score == 80
    scoring.compute(AS_OF + DAY)
    assert of(city.a.sub).reasons[0]["weight"] == 60 and of(city.a.sub).score == 69
    with pytest.raises(ValueError):
        parameters.check(scoring.STANDING, "w_arrears", 61)
    assert RuleParameter.objects.get().rule == "STD"
    assert ask(city, "inspector", "/rules/STD/").status_code == 200


def test_the_deposit_is_proposed(city: ui_city.City) -> None:
    scoring.compute(AS_OF)
    assert of(city.a.sub).deposit == {"ratio": "3.00", "why": "arrears"}
    assert of(city.a.general).deposit == {"ratio": "2.00", "why": "general"}
    assert scoring._deposit([], AS_OF, AS_OF, scoring.STANDING.defaults)["why"] == "general"
    years = dict(scoring.STANDING.defaults) | {"months": 36}
    two, three = dt.date(2024, 4, 30), dt.date(2023, 4, 30)
    assert scoring._deposit([], two, AS_OF, years) == {"ratio": "1.00", "why": "clean2"}
    assert scoring._deposit([], three, AS_OF, years) == {"ratio": "0.00", "why": "clean3"}


def test_inspections_follow_the_colour(city: ui_city.City) -> None:
    Warning.objects.filter(pk=city.a.warning.pk).update(level=4)
    scoring.compute(AS_OF)
    assert of(city.a.sub).inspect_on == dt.date(2026, 5, 30)
    assert of(city.a.general).inspect_on == dt.date(2027, 4, 30)
    listed = ask(city, "inspector", "/companies/", sort="inspect").context["page"].rows
    assert [one.inspect_on for one in listed] == sorted(one.inspect_on for one in listed)
    assert city.a.sub in [one.company for one in listed[:3]]  # with the two silent owners
    client = Client()
    client.force_login(city.users["inspector"])
    path = f"/companies/{city.a.sub.code}/inspections/"
    assert client.post(path, {"on": "2026-04-20", "note": "已查"}).status_code == 302
    assert of(city.a.sub).inspect_on == dt.date(2026, 5, 20)
    assert AuditEntry.objects.filter(act="company-inspected").count() == 1
    client.post(path, {"on": "2999-01-01"})
    client.post(path, {"on": ""})
    assert Inspection.objects.count() == 1
    client.force_login(city.users["government"])
    assert client.post(path, {"on": "2026-04-20"}).status_code == 403


@pytest.mark.parametrize(
    ("who", "places"),
    [("inspector", "ab"), ("inspector_b", "b"), ("regulator", "a"), ("regulator_b", ""),
     ("government", "a")],
)  # fmt: skip
def test_authorities_see_the_companies_of_their_territory(
    city: ui_city.City, who: str, places: str
) -> None:
    scoring.compute(AS_OF)
    seen = {one.company_id for one in ask(city, who, "/companies/").context["page"].rows}
    expected = {
        getattr(getattr(city, place), role).pk
        for place in places
        for role in ("owner", "general", "sub")
    }
    assert seen == expected
    book = load_workbook(io.BytesIO(ask(city, who, "/companies/list.xlsx").content))
    assert len(list(book.active.iter_rows())) == len(expected) + 1


def test_a_company_sees_itself_and_no_other(city: ui_city.City) -> None:
    scoring.compute(AS_OF)
    mine = ask(city, "sub_a", f"/companies/{city.a.sub.code}/")
    assert mine.status_code == 200 and mine.context["reasons"][0]["warnings"] == [city.a.warning]
    assert ask(city, "sub_a", "/companies/").url == f"/companies/{city.a.sub.code}/"
    for who, other in (("sub_a", city.a.general), ("general_a", city.a.sub), ("sub_b", city.a.sub)):
        assert ask(city, who, f"/companies/{other.code}/").status_code == 404
    assert ask(city, "sub_a", "/companies/list.xlsx").status_code == 403
    assert ask(city, "nobody", "/companies/").status_code == 403


def test_a_county_does_not_see_the_warnings_of_another(city: ui_city.City) -> None:
    Party.objects.create(
        project=city.b.project, company=city.a.sub, role="sub", known_from=factories.EARLY
    )
    scoring.compute(AS_OF)
    reason = ask(city, "inspector_b", f"/companies/{city.a.sub.code}/").context["reasons"][0]
    assert reason["warnings"] == [] and reason["hidden"] == 1


def test_search_filter_and_queries(city: ui_city.City) -> None:
    scoring.compute(AS_OF)
    for query, rows in (({"q": "甲示例劳务"}, 1), ({"colour": "red"}, 2), ({"colour": "green"}, 4)):
        assert len(ask(city, "inspector", "/companies/", **query).context["page"].rows) == rows

    def count() -> list[int]:
        counts = []
        with CaptureQueriesContext(connection) as queries:
            scoring.compute(AS_OF + DAY)
        counts.append(len(queries))
        scoring.compute(AS_OF)
        for path in ("/companies/", f"/companies/{city.a.sub.code}/"):
            with CaptureQueriesContext(connection) as queries:
                ask(city, "inspector", path)
            counts.append(len(queries))
        return counts

    before = count()
    for letter in "丙丁":
        ui_city.site(letter, "330902", "housing")
    ui_city.engine.evaluate(AS_OF)
    scoring.compute(AS_OF)
    assert count() == before
