"""What several rules ask of the same day: asked once, and the same for whoever is judged beside."""

import datetime as dt
import itertools
from typing import Any

import pytest

from alerts.rules.base import Scope
from alerts.rules.silence import incomplete
from projects.models import ProjectStatus, ProjectVersion
from tests import factories as city
from tests.alerts.judge import day
from wagewatch.calendars import DAY
from wagewatch.months import Month

pytestmark = pytest.mark.django_db

DAYS = (None, day("2026-03-09"), day("2026-03-10"), day("2026-03-11"))


def march(first: int, last: int) -> list[dt.date]:
    return [day("2026-03-01") + DAY * (number - 1) for number in range(first, last + 1)]


def test_a_question_is_asked_once_of_a_scope_and_anew_of_another() -> None:
    asked: list[tuple[Any, ...]] = []

    def question(*about: Any) -> int:
        asked.append(about)
        return len(asked)

    scope = Scope()
    assert [scope.once(question, 1), scope.once(question, 1), scope.once(question, 2)] == [1, 1, 2]
    assert Scope().once(question, 1) == 3
    assert scope == Scope()


def test_active_is_the_same_in_python_and_in_the_database() -> None:
    versions = [
        city.project(start_date=start, complete_date=complete, status=status).versions.get()
        for start, complete, status in itertools.product(DAYS, DAYS, ProjectStatus)
    ]
    on = day("2026-03-10")
    found = set(ProjectVersion.objects.active_on(on))
    assert found == {version for version in versions if version.is_active(on)}
    assert 0 < len(found) < len(versions)


def test_a_gap_at_the_start_of_a_month_is_one_whoever_is_judged_beside() -> None:
    project, other = city.project(), city.project()
    person, neighbour = city.worker(project), city.worker(other)
    city.attend(person, "2026-02")
    city.attend(person, "2026-03", days=march(12, 31))
    city.attend(neighbour, "2026-01", days=[day("2026-01-05")])
    asked, beside = (project.pk, Month.parse("2026-03")), (other.pk, Month.parse("2026-01"))
    on = day("2026-04-20")
    assert incomplete(on, {asked}) == {asked}
    assert asked in incomplete(on, {asked, beside})


def test_days_of_anybody_fill_a_gap() -> None:
    project = city.project()
    for _ in range(4):
        city.attend(city.worker(project), "2026-03", days=[*march(2, 10), *march(20, 31)])
    asked, on = (project.pk, Month.parse("2026-03")), day("2026-04-20")
    assert incomplete(on, {asked}) == {asked}
    city.attend(city.worker(project), "2026-03", days=march(11, 18))
    assert incomplete(on, {asked}) == set()
