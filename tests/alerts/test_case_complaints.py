"""A case takes in complaints about its projects; each shows the other to those who may see it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from alerts import cases
from alerts.acts import NotPossible
from alerts.models import Case
from payroll import complaints
from tests import society, ui_city
from tests.alerts.test_case_pages import city, signed_in, text

pytestmark = pytest.mark.django_db
__all__ = ["city"]


def opened(city: ui_city.City, site: Any) -> Case:
    return cases.open_case([site.warning], city.users["inspector"], on=ui_city.AS_OF)


def take_in(client: Client, case: Case, complaint: Any) -> int:
    fields = {"take_in-complaint": complaint.pk}
    return client.post(reverse("case-act", args=[case.pk, "take_in"]), fields).status_code


def test_a_case_takes_in_a_complaint_and_each_shows_the_other(city: ui_city.City) -> None:
    inspector, case = signed_in(city, "inspector"), opened(city, city.a)
    complaint = society.complaint(city.a.project, "2026-04-10", name="张三丰")
    page = text(inspector, reverse("case", args=[case.pk]))
    assert complaint.number in page and "张三丰" not in page
    assert take_in(inspector, case, complaint) == 302
    assert list(case.complaints.all()) == [complaint]
    page = text(inspector, reverse("case", args=[case.pk]))
    assert reverse("complaint", args=[complaint.pk]) in page and "张三丰" not in page
    assert case.reference in text(inspector, reverse("complaint", args=[complaint.pk]))
    assert case.steps.last().note == complaint.number
    assert take_in(inspector, case, complaint) == 400  # already in it
    cases.close(case, city.users["inspector"], "paid", "已付清", on=ui_city.AS_OF)
    other = cases.answerable(case, city.users["inspector"].member)
    assert complaint in other  # a closed case holds it no longer back from another


def test_not_of_other_projects_closed_or_out_of_sight(city: ui_city.City) -> None:
    case, user = opened(city, city.a), city.users["inspector"]
    elsewhere = society.complaint(city.b.project, "2026-04-10")
    answered = society.complaint(city.a.project, "2026-04-10")
    society.step(answered, "accepted", "2026-04-11")
    society.step(answered, "answered", "2026-04-12")
    complaints.refresh([answered.pk])
    for one in (elsewhere, answered):
        with pytest.raises(NotPossible):
            cases.take_in(case, user, one, on=ui_city.AS_OF)
    assert not case.complaints.exists()


def test_the_project_page_shows_its_cases_to_authorities_alone(city: ui_city.City) -> None:
    case = opened(city, city.a)
    url = reverse("project", args=[city.a.project.code])
    for who, sees in (("inspector", True), ("government", True), ("general_a", False)):
        assert (case.reference in text(signed_in(city, who), url)) is sees, who
    other = reverse("project", args=[city.b.project.code])
    assert case.reference not in text(signed_in(city, "inspector"), other)
