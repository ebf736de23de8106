"""Whatever departments send: repeats change nothing, and the order of loading does not matter."""

import datetime as dt
import io
import os
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payroll import ingest
from payroll.models import Feed
from projects.models import Conflict, FieldValue, Project, ProjectVersion
from tests.payroll.files import PROJECT, csv_bytes, project_row

pytestmark = pytest.mark.django_db
FIRST = dt.date(2026, 1, 5)
_VALUES = {
    "contractAmount": ["1", "2", "3", "", "撤回"],
    "builderLicenseNum": ["L1", "L2", "", "撤回"],
    "industry": ["housing", "water", ""],
    "completeDate": ["2027-01-01", "2027-02-01", "", "撤回"],
}


class Sent(NamedTuple):
    source: str
    row: dict[str, str]


rows = st.fixed_dictionaries({k: st.sampled_from(v) for k, v in _VALUES.items()})
sent = st.builds(Sent, st.sampled_from(["reform", "housing", "water", "unknown"]), rows)
some = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "6")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def alone(settings: Any, tmp_path: Any) -> None:
    settings.AFTER_FEED = []
    settings.MEDIA_ROOT = tmp_path


def load(one: Sent, day: dt.date, mark: str) -> Feed:
    """`mark` makes the bytes its own without saying anything."""
    row = {"projectCode": PROJECT} | one.row | {"备注": mark}
    feed = ingest.receive(
        io.BytesIO(csv_bytes([row])),
        "f.csv",
        received_on=day,
        received_at=timezone.now(),
        source=one.source,
        kind="projects",
    )
    ingest.process(feed, match=False)
    assert feed.status in ("accepted", "duplicate"), list(feed.issues.values())
    return feed


def begin() -> None:
    load(Sent("hrss", project_row(completeDate="2027-03-03")), FIRST, "first")


def state() -> Any:
    """Everything that follows, without keys and feeds."""
    coded = {"owner": "owner__code", "contractor": "contractor__code"}
    skipped = ("id", "feed_id", "project")
    names = [f.name for f in ProjectVersion._meta.fields if f.name not in skipped]
    facts = [coded.get(name, name) for name in names]
    versions = ProjectVersion.objects.order_by("known_from").values_list(*facts)
    conflicts = [
        (c.field, c.standing, c.opened_on, c.held_value, c.held_source,
         {source: (said["value"], said["on"]) for source, said in c.values.items()})
        for c in Conflict.objects.order_by("field")
    ]  # fmt: skip
    values = FieldValue.objects.order_by("field", "source", "known_from").values_list(
        "field", "source", "value", "known_from", "known_until", "holds"
    )
    newest = Project.objects.values_list("contract_amount", "permit_number", "industry")
    return list(versions), conflicts, list(values), list(newest)


def day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=2 * (number + 1))


def after(feeds: list[tuple[Sent, dt.date, str]]) -> Any:
    """The state when these are loaded in this order; nothing of it stays."""
    with transaction.atomic():
        begin()
        for one, on, mark in feeds:
            load(one, on, mark)
        found = state()
        transaction.set_rollback(True)
    return found


@some
@given(feeds=st.lists(sent, max_size=5), again=st.data())
def test_the_same_files_again_change_nothing(feeds: list[Sent], again: Any) -> None:
    once = [(one, day(n), str(n)) for n, one in enumerate(feeds)]
    more = again.draw(st.lists(st.sampled_from(once), max_size=5)) if once else []
    later = [(one, day(9 + n), mark) for n, (one, _on, mark) in enumerate(more)]
    assert after(once) == after(once + later)


@some
@given(feeds=st.lists(sent, max_size=5))
def test_a_source_that_repeats_itself_changes_nothing(feeds: list[Sent]) -> None:
    once = [(one, day(n), str(n)) for n, one in enumerate(feeds)]
    twice = [
        call
        for n, one in enumerate(feeds)
        for call in ((one, day(n), str(n)), (one, day(n) + dt.timedelta(days=1), f"again {n}"))
    ]
    assert after(once) == after(twice)


@some
@given(feeds=st.lists(sent, min_size=2, max_size=5), order=st.randoms(use_true_random=False))
def test_any_order_of_loading_gives_the_same(feeds: list[Sent], order: Any) -> None:
    ordered = [(one, day(n), str(n)) for n, one in enumerate(feeds)]
    shuffled = list(ordered)
    order.shuffle(shuffled)
    assert after(ordered) == after(shuffled)
