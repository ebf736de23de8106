"""The desk: filters in the URL, pages, counts, export; acts on a warning; the notice from it."""

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from alerts.models import Notice, Warning
from tests import ui_city
from wagewatch.models import AuditEntry
from wagewatch.paging import paged

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(settings: Any, tmp_path: Any) -> ui_city.City:
    settings.MEDIA_ROOT = tmp_path
    return ui_city.city()


@pytest.fixture
def inspector(city: ui_city.City, client: Client) -> Client:
    client.force_login(city.users["inspector"])
    return client


def listed(client: Client, **query: Any) -> set[int]:
    return {w.pk for w in client.get(reverse("desk"), query).context["page"].rows}


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ({}, "ab"),
        ({"q": "甲示例工程"}, "a"),
        ({"q": "乙示例劳务"}, "b"),
        ({"region": "330902"}, "a"),
        ({"region": "330900"}, "ab"),
        ({"industry": "water"}, "b"),
        ({"rule": "E1"}, "ab"),
        ({"rule": "D1"}, ""),
        ({"stage": "payment"}, "ab"),
        ({"stage": "funding", "rule": "E1"}, ""),
        ({"level": "3"}, "ab"),
        ({"level": ["2", "4"]}, ""),
        ({"month": "2026-03"}, "ab"),
        ({"month": "2026-02"}, ""),
        ({"month": "March"}, ""),
        ({"age": "month"}, "ab"),
        ({"age": "older"}, ""),
        ({"status": "cleared"}, ""),
        ({"status": "all"}, "ab"),
        ({"data": "complete"}, "ab"),
        ({"data": "missing"}, ""),
        ({"level": "nine", "after": "bm90IGpzb24="}, "ab"),
        ({"after": "WyJ4IiwieSIsInoiXQ=="}, "ab"),
    ],
)
def test_filters(city: ui_city.City, inspector: Client, query: dict[str, Any], seen: str) -> None:
    mine = {city.a.warning.pk: "a", city.b.warning.pk: "b"}
    found = listed(inspector, **query)
    assert "".join(sorted(mine[pk] for pk in found if pk in mine)) == seen


def test_a_query_count_that_does_not_grow(
    city: ui_city.City, inspector: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(16):
        inspector.get(reverse("desk"))
    template = city.a.warning
    for number in range(40):
        Warning.objects.create(
            rule="E1", project=template.project, company=template.company, month=template.month,
            subject=str(number), level=2, since=template.since, opened_on=template.opened_on,
        )  # fmt: skip
    with django_assert_max_num_queries(16):
        inspector.get(reverse("desk"))


def test_htmx_gets_the_results_alone(inspector: Client) -> None:
    whole = inspector.get(reverse("desk")).content.decode()
    part = inspector.get(reverse("desk"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" in whole and "<html" not in part
    assert 'id="filters"' not in part and "data-rows" in part


def test_keyset_pages_walk_forth_and_back(city: ui_city.City) -> None:
    template = city.a.warning
    for number in range(7):
        Warning.objects.create(
            rule="E5", project=template.project, company=template.company, month=template.month,
            subject=str(number), level=1 + number % 2, since=template.since,
            opened_on=template.opened_on,
        )  # fmt: skip
    order = ("-level", "since", "pk")
    expected = list(Warning.objects.order_by(*order).values_list("pk", flat=True))
    seen, asked, pages = [], {}, []
    while True:
        page = paged(Warning.objects.all(), order, asked, size=3)
        pages.append([w.pk for w in page.rows])
        seen += pages[-1]
        if not page.following:
            break
        asked = {"after": page.following}
    assert seen == expected and len(pages) > 2
    back = paged(Warning.objects.all(), order, {"before": page.preceding}, size=3)
    assert [w.pk for w in back.rows] == pages[-2]


def test_export_holds_the_filtered_rows(city: ui_city.City, inspector: Client) -> None:
    answer = inspector.get(reverse("desk-export"), {"q": "甲示例工程"})
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    cells = {row[0]: row for row in rows[1:]}
    assert {row[4] for row in cells.values()} == {city.a.project.name}
    assert cells.keys() == listed(inspector, q="甲示例工程")
    assert cells[city.a.warning.pk][11] == 12000
    assert AuditEntry.objects.filter(act="warnings-exported").count() == 1


def test_set_aside_and_take_up_again(city: ui_city.City, inspector: Client) -> None:
    warning = city.a.warning
    url = reverse("warning-dismiss", args=[warning.pk])
    assert inspector.post(url, {"reason": "", "until": "2999-01-01"}).status_code == 400
    page = inspector.get(reverse("warning", args=[warning.pk]))
    until = page.context["form"].fields["until"].initial
    inspector.post(url, {"reason": "已核实，款项在途", "until": until.isoformat()})
    warning.refresh_from_db()
    assert warning.status == "dismissed" and warning.dismissed_until == until
    assert warning.pk not in listed(inspector)
    inspector.post(reverse("warning-restore", args=[warning.pk]))
    assert warning.pk in listed(inspector)


def test_notice_from_two_warnings_of_one_company_only(
    city: ui_city.City, inspector: Client
) -> None:
    url = reverse("notice-new")
    both = {"warning": [city.a.warning.pk, city.b.warning.pk]}
    page = inspector.get(url, both)
    due = page.context["form"].fields["due_on"].initial.isoformat()
    refused = inspector.post(url, both | {"due_on": due})
    assert refused.status_code == 400 and not Notice.objects.exists()
    done = inspector.post(url, {"warning": city.a.warning.pk, "due_on": due})
    notice = Notice.objects.get()
    assert done["Location"] == reverse("notice", args=[notice.pk])
    pdf = inspector.get(reverse("notice-file", args=[notice.pk])).content
    assert pdf.startswith(b"%PDF-")
    copy = io.BytesIO(pdf)
    copy.name = "copy.pdf"
    verify = reverse("notice-verify", args=[notice.pk])
    assert inspector.post(verify, {"copy": copy}).context["genuine"] is True
    forged = io.BytesIO(pdf + b" ")
    forged.name = "forged.pdf"
    assert inspector.post(verify, {"copy": forged}).context["genuine"] is False
    assert inspector.post(verify).context["genuine"] is True


def test_both_languages_are_complete() -> None:
    """No msgid of ours without its Chinese."""
    from pathlib import Path

    from django.conf import settings

    text = (Path(settings.BASE_DIR) / "locale/zh_Hans/LC_MESSAGES/django.po").read_text("utf-8")
    entries = text.split("\n\n")[1:]
    assert len(entries) > 200
    untold = [e for e in entries if 'msgstr ""' in e or 'msgstr[0] ""' in e or "#, fuzzy" in e]
    assert untold == []
