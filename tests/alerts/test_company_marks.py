"""I1: a company with red warnings on several projects; whole city or project by project alike."""

import datetime as dt
from itertools import permutations
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from alerts import acts, engine
from alerts.models import Level, Warning, WarningEvent
from projects.models import Company, Party, Project
from tests import factories as city
from tests.alerts.judge import codes, day, judge, opened
from wagewatch.calendars import DAY

db = pytest.mark.django_db
RED = dt.date(2026, 5, 16)
"""Day 31 after the payday of March."""


def site(company: Company, owed: bool = True, as_sub: bool = False, **facts: Any) -> Project:
    """A project of the company with a sheet of March; `owed`: nobody was paid."""
    made = city.project(**({} if as_sub else {"contractor": company}), **facts)
    if as_sub:
        Party.objects.create(project=made, company=company, role="sub", known_from=city.EARLY)
    person = city.worker(made, company)
    city.sheet(made, "2026-03", {person: "4000"}, employer=company)
    if not owed:
        city.pay(person, "2026-03", "4000", day("2026-04-14"))
    for month in (4, 5, 6):
        city.credit(made, "5000", dt.date(2026, month, 5))
    city.statement(made, day("2026-06-30"), known=day("2026-04-15"))
    return made


def marked() -> set[int]:
    return {warning.project_id for warning in opened("I1")}


@db
def test_two_red_projects_mark_all_of_the_company() -> None:
    company, other = city.company(), city.company()
    a, b = site(company), site(company, as_sub=True)
    clean, done = site(company, owed=False), site(company, owed=False, status="004")
    foreign = site(other, owed=False)
    judge("2026-05-15")
    assert marked() == set()  # day 30: orange
    judge("2026-05-16")
    assert marked() == {a.pk, b.pk, clean.pk}
    assert not marked() & {done.pk, foreign.pk}
    one = opened("I1")[0]
    assert (one.level, one.company, one.since) == (Level.ORANGE, company, day("2026-04-16"))
    assert one.evidence["rows_total"] == 2
    assert [who["role"] for who in one.evidence["responsible"]] == ["company"]
    assert not engine.evaluate(RED).opened


@db
def test_one_red_project_marks_nothing() -> None:
    company = city.company()
    site(company), site(company, owed=False)
    judge("2026-05-20")
    assert "E1" in codes() and "I1" not in codes()


@db
def test_it_clears_on_all_projects_when_one_is_paid_and_comes_back() -> None:
    company = city.company()
    a, _b, clean = site(company), site(company), site(company, owed=False)
    judge("2026-05-16")
    assert len(marked()) == 3
    person = a.engagements.get()
    city.pay(person, "2026-03", "4000", day("2026-05-18"), known=day("2026-05-19"))
    engine.evaluate(day("2026-05-19"), [a.pk])  # only the project that changed
    assert marked() == set()
    cleared = Warning.objects.get(rule="I1", project=clean)
    assert cleared.cleared_on == day("2026-05-19")
    city.pay(person, "2026-03", "4000", day("2026-05-20"), known=day("2026-05-21"), returned=True)
    engine.evaluate(day("2026-05-21"), [a.pk])
    assert Warning.objects.get(rule="I1", project=clean).status == "open"
    assert Warning.objects.filter(rule="I1").count() == 3  # the same warnings again


@db
def test_a_past_day_is_judged_without_what_came_later() -> None:
    company = city.company()
    site(company), site(company)
    judge("2026-05-20")
    assert marked()
    judge("2026-05-10")
    assert not Warning.objects.filter(rule="I1").exists()
    judge("2026-05-20")
    assert len(marked()) == 2


@db
@pytest.mark.parametrize("why", ["data_missing", "dismissed", "folded under another's"])
def test_what_does_not_count(why: str) -> None:
    company = city.company()
    a, _b = site(company), site(company)
    judge("2026-05-16")
    assert len(marked()) == 2
    e1 = Warning.objects.get(rule="E1", project=a)
    if why == "data_missing":
        a.accounts.get().statements.all().delete()
    elif why == "dismissed":
        acts.dismiss(
            e1, user=None, until=day("2026-08-01"), reason="查明无误", on=day("2026-05-17")
        )
    else:
        parent = Warning.objects.create(
            rule="ZZ", project=a, company=city.company(), level=Level.ORANGE,
            since=RED, opened_on=RED, status="dismissed",
        )  # fmt: skip
        Warning.objects.filter(pk=e1.pk).update(folded_under=parent)
        from alerts.rules import catalogue
        from alerts.rules.base import Scope

        assert not catalogue()["I1"].find(RED, Scope(), {"projects": 2})
        return
    judge("2026-05-17")
    assert marked() == set()


@db
def test_a_regions_limit_holds_for_its_projects() -> None:
    from alerts.models import RuleParameter

    company = city.company()
    here, there = site(company), site(company, region_id="330921")
    RuleParameter.objects.create(
        rule="I1", name="projects", region_id="330921", value=3,
        valid_from=day("2026-01-01"), document="文件",
    )  # fmt: skip
    judge("2026-05-16")
    assert marked() == {here.pk} and there.pk not in marked()


@db
def test_queries_do_not_grow() -> None:
    counts = []
    for _ in range(2):
        company = city.company()
        for _ in range(3):
            site(company)
        judge("2026-05-16")
        judge("2026-05-15")
        with CaptureQueriesContext(connection) as queries:
            judge("2026-05-16")
        counts.append(len(queries))
    assert counts[0] == counts[1]


class AnyOrder(TestCase):
    """Whole city at once, or project by project in any order: the same marks and events."""

    @settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
    @given(
        owed=st.lists(
            st.tuples(st.integers(0, 2), st.booleans(), st.booleans()), min_size=2, max_size=5
        ),
        order=st.randoms(use_true_random=False),
    )
    def test_the_same_marks(self, owed: list[tuple[int, bool, bool]], order: Any) -> None:
        companies = [city.company() for _ in range(3)]
        places = [
            site(companies[which], owed=unpaid, as_sub=as_sub) for which, unpaid, as_sub in owed
        ]
        engine.evaluate(RED)
        whole = _state()
        Warning.objects.update(folded_under=None)
        WarningEvent.objects.all().delete()
        Warning.objects.all().delete()
        order.shuffle(places)
        for place in places:
            engine.evaluate(RED, [place.pk])
        assert _state() == whole
        for place in places:
            engine.evaluate(RED + DAY, [place.pk])
        by_project = _state()
        engine.evaluate(RED + DAY)
        assert _state() == by_project


def _state() -> set[Any]:
    return set(
        Warning.objects.open().values_list("rule", "project", "company", "level", "since", "amount")
    )


@db
def test_permutations_of_three() -> None:
    company = city.company()
    places = [site(company), site(company), site(company, owed=False)]
    engine.evaluate(RED)
    whole = _state()
    for places_in_order in permutations(places):
        Warning.objects.update(folded_under=None)
        WarningEvent.objects.all().delete()
        Warning.objects.all().delete()
        for place in places_in_order:
            engine.evaluate(RED, [place.pk])
        assert _state() == whole
