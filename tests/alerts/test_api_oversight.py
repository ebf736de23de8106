"""REST: who sees which cases and standings, and that they can only be read."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alerts import cases, scoring
from projects import tokens
from tests import society, ui_city
from tests.alerts.test_case_pages import city

pytestmark = pytest.mark.django_db
__all__ = ["city"]


def asked(city: ui_city.City, who: str, path: str, **query: Any) -> Any:
    _, word = tokens.issue(city.users[who], "t", may_write=False, days=30)
    return Client().get(f"/api/v1/{path}", query, headers={"authorization": f"Bearer {word}"})


def opened(city: ui_city.City, site: Any) -> Any:
    return cases.open_case([site.warning], city.users["inspector"], on=ui_city.AS_OF)


def test_a_case_as_it_stands(city: ui_city.City) -> None:
    case, complaint = opened(city, city.a), society.complaint(city.a.project, "2026-04-10")
    cases.take_in(case, city.users["inspector"], complaint, on=ui_city.AS_OF)
    told = asked(city, "inspector", f"cases/{case.pk}").json()
    assert told["reference"] == case.reference and told["standing"] == "open"
    assert told["company"] == city.a.sub.code and told["projects"] == [city.a.project.code]
    assert told["warnings"] == [city.a.warning.pk] and told["complaints"] == [complaint.pk]
    assert told["opened_on"] == str(ui_city.AS_OF) and told["result"] == ""
    rows = asked(city, "inspector", "cases", standing="closed").json()["results"]
    assert rows == []


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("inspector", "ab"), ("inspector_b", "b"), ("regulator", "a"), ("regulator_b", ""),
        ("government", "a"), ("general_a", ""), ("sub_a", ""), ("owner_b", ""),
    ],
)  # fmt: skip
def test_each_sees_the_cases_of_the_own_territory(city: ui_city.City, who: str, sees: str) -> None:
    held = {"a": opened(city, city.a), "b": opened(city, city.b)}
    rows = asked(city, who, "cases").json()["results"]
    assert {row["id"] for row in rows} == {held[letter].pk for letter in sees}
    for letter, case in held.items():
        answer = asked(city, who, f"cases/{case.pk}")
        assert answer.status_code == (200 if letter in sees else 404)


@pytest.mark.parametrize(
    ("who", "sees"),
    [("inspector", "ab"), ("inspector_b", "b"), ("government", "a"), ("sub_a", "sub_a")],
)
def test_each_sees_the_standings_that_it_may(city: ui_city.City, who: str, sees: str) -> None:
    scoring.compute(ui_city.AS_OF)
    rows = {row["company"]: row for row in asked(city, who, "standings").json()["results"]}
    for letter, site in (("a", city.a), ("b", city.b)):
        assert (site.general.code in rows) is (letter in sees and who != "sub_a")
    if who == "sub_a":
        assert set(rows) == {city.a.sub.code}
        assert rows[city.a.sub.code]["inspect_on"] is None
        other = asked(city, who, "standings", company=city.a.general.code).json()["results"]
        assert other == []
    else:
        assert all(row["inspect_on"] for row in rows.values())
    for row in rows.values():
        assert row["score"] is None or 0 <= row["score"] <= 100
        assert row["reasons"] == [] or set(row["reasons"][0]) == {"factor", "weight", "lost"}


def test_they_can_only_be_read_and_are_described(city: ui_city.City) -> None:
    case = opened(city, city.a)
    _, word = tokens.issue(city.users["inspector"], "t", may_write=True, days=30)
    bearer = {"authorization": f"Bearer {word}"}
    for path in (f"cases/{case.pk}", "cases", "standings"):
        for method in ("post", "put", "patch", "delete"):
            answer = getattr(Client(), method)(f"/api/v1/{path}", headers=bearer)
            assert answer.status_code in (403, 405), (path, method)
    described = Client().get("/api/v1/schema", {"format": "json"}).json()["paths"]
    assert {"/api/v1/cases", "/api/v1/cases/{id}", "/api/v1/standings"} <= set(described)


def test_the_number_of_queries_does_not_grow(city: ui_city.City) -> None:
    counts = []
    for site in (city.a, city.b):
        opened(city, site)
        with CaptureQueriesContext(connection) as queries:
            asked(city, "inspector", "cases")
        counts.append(len(queries))
    assert counts[0] == counts[1]
