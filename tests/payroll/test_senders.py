"""Feed health by sender: banks, vendors' keys and time clocks, each seen by those whose it is."""

import datetime as dt
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from payroll import senders
from payroll.gateway import keys
from payroll.models import GatewayKey, Terminal
from projects.access import Role
from projects.models import Account, Member, Project
from tests import factories as city
from tests.alerts.judge import day
from tests.ui_city import City
from tests.ui_city import city as built

pytestmark = pytest.mark.django_db
EVERYBODY = Member(role=Role.INSPECTOR, region_id="330900")


def late(as_of: str, kind: str) -> dict[str, tuple[int, int, int]]:
    rows = senders.of(EVERYBODY, day(as_of))
    return {one.name: (one.covers, one.behind, one.late) for one in rows if one.kind == kind}


def test_a_bank_answers_for_all_its_accounts() -> None:
    first, second, third = city.project(), city.project(), city.project()
    Account.objects.filter(project__in=[first, second]).update(bank_name="舟山银行")
    Account.objects.filter(project=third).update(bank_name="定海银行")
    for project in (first, third):
        city.statement(project, day("2026-03-05"))
    city.statement(second, day("2026-03-03"))
    assert late("2026-03-06", "bank") == {"舟山银行": (2, 1, 2), "定海银行": (1, 0, 0)}
    assert late("2026-03-07", "bank") == {"舟山银行": (2, 2, 3), "定海银行": (1, 1, 1)}
    [bank] = [o for o in senders.of(EVERYBODY, day("2026-03-06")) if o.behind]
    assert (bank.reaches, bank.heard) == (day("2026-03-03"), bank.heard)
    city.close_account(second, day("2026-03-04"))
    assert late("2026-03-06", "bank")["舟山银行"] == (1, 0, 0)


def vendor(made: City, name: str, seen: dt.datetime | None) -> GatewayKey:
    key, _ = keys.issue_key(
        made.users["inspector"], name, made.a.general, [made.a.project], calls_per_minute=9
    )
    GatewayKey.objects.filter(pk=key.pk).update(last_seen=seen)
    return key


def test_a_silent_key_and_a_silent_terminal_are_seen_the_next_day() -> None:
    made = built()
    thursday = dt.datetime(2026, 4, 16, 15, tzinfo=dt.UTC)
    vendor(made, "示例软件", thursday)
    keys.revoke_key(made.users["inspector"], vendor(made, "旧软件", None))
    clock = Terminal.objects.create(serial="CK1", name="东门", project=made.a.project)
    city.feed(day("2026-04-16"), "attendance", terminal=clock)
    for as_of, expected in (("2026-04-17", 0), ("2026-04-18", 1), ("2026-04-20", 1)):
        assert late(as_of, "key") == {"示例软件": (1, int(expected > 0), expected)}
        assert late(as_of, "terminal") == {"东门 CK1": (1, int(expected > 0), expected)}


def test_each_sees_its_own(client: Client) -> None:
    made = built()
    vendor(made, "示例软件", None)
    Terminal.objects.create(serial="CK1", project=made.a.project, company=made.a.sub)
    for who, sees in (("general_a", True), ("inspector", True), ("general_b", False),
                      ("inspector_b", False), ("regulator_b", False)):  # fmt: skip
        client.force_login(made.users[who])
        page = client.get("/feeds/health/senders/?all=1").content.decode()
        assert ("示例软件" in page, "CK1" in page) == (sees, sees), who
    client.force_login(made.users["sub_a"])  # a bank's and the general contractor's are not its own
    page = client.get("/feeds/health/senders/?all=1").content.decode()
    assert "CK1" in page and "示例软件" not in page
    client.force_login(made.users["owner_a"])
    assert client.get("/feeds/health/senders/").status_code == 403


def test_export_and_search(client: Client) -> None:
    made = built()
    vendor(made, "示例软件", timezone.now() - dt.timedelta(days=30))
    client.force_login(made.users["general_a"])
    address = "/feeds/health/senders/"
    book = load_workbook(io.BytesIO(client.get(f"{address}?format=xlsx").content))
    rows = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    assert "示例软件" in {row[1] for row in rows} and all(row[7] for row in rows)
    assert "示例软件" not in client.get(f"{address}?q=nothing").content.decode()
    assert "示例软件" not in client.get(f"{address}?kind=bank").content.decode()


def test_a_name_that_begins_with_an_equals_sign_is_no_formula(client: Client) -> None:
    made = built()
    vendor(made, "=1+1", timezone.now() - dt.timedelta(days=30))
    client.force_login(made.users["general_a"])
    data = client.get("/feeds/health/senders/?format=xlsx").content
    cells = [cell for row in load_workbook(io.BytesIO(data)).worksheets[0] for cell in row]
    assert [cell.data_type for cell in cells if cell.value == "=1+1"] == ["s"]


def test_queries_do_not_grow(django_assert_num_queries: Any) -> None:
    made = built()

    def more(n: int) -> None:
        vendor(made, f"软件{n}", None)
        Terminal.objects.create(serial=f"CK{n}", project=made.a.project)
        city.statement(city.project(region_id="330902"), day("2026-03-05"))

    more(1)
    senders.of(EVERYBODY, day("2026-04-11"))  # the calendar is kept from then on
    with CaptureQueriesContext(connection) as queries:
        senders.of(EVERYBODY, day("2026-04-11"))
    assert len(queries) <= 8
    for n in range(2, 6):
        more(n)
    with django_assert_num_queries(len(queries)):
        senders.of(EVERYBODY, day("2026-04-11"))
    assert Project.objects.count() == 7
