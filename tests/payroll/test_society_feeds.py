"""Feeds `complaints` and `indicators`: what is read, what is sent back, and in which order it may
come."""

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from hypothesis import HealthCheck, given, settings, strategies

from payroll import complaints
from payroll.models import Complaint, ComplaintStep, FeedIssue, Indicator
from projects.models import Member
from tests.payroll.conftest import codes
from tests.payroll.files import GENERAL, PROJECT, SUB, credit_code, csv_bytes, person, project_row

MARCH = dt.date(2026, 3, 20)
WRONG_CHECK = person(1)[:-1] + ("0" if person(1)[-1] != "0" else "1")


def row(number: str = "A1", **changes: Any) -> dict[str, Any]:
    return {
        "receivedAt": "2026-03-02", "channel": "12345", "complaintNo": number,
        "projectCode": PROJECT, "projectName": "", "corpName": "", "areaCode": "",
        "workerName": "", "idCardType": "", "idCardNumber": "", "cellPhone": "", "people": "",
        "amount": "", "text": "三个月没发工资", "acceptedAt": "", "refusedAt": "",
        "answeredAt": "", "result": "",
    } | changes  # fmt: skip


def value(**changes: Any) -> dict[str, Any]:
    return {
        "corpCode": GENERAL,
        "month": "2026-02",
        "kind": "electricity",
        "value": "1200",
    } | changes


# ---- complaints


def test_a_hotline_s_list_in_chinese(city):
    head = {
        "receivedAt": "投诉时间", "channel": "来源渠道", "complaintNo": "工单编号",
        "projectCode": "项目编码", "workerName": "投诉人", "idCardNumber": "身份证号",
        "cellPhone": "联系电话", "people": "涉及人数", "amount": "涉及金额(元)",
        "text": "投诉内容", "acceptedAt": "受理日期", "answeredAt": "办结日期",
        "result": "办理结果",
    }  # fmt: skip
    told = row(
        receivedAt="2026年3月2日 14:30", channel="12345热线", workerName="阿依 古丽",
        idCardNumber=person(1).lower(), cellPhone="１３８００００００１２", people="１２",
        amount="￥86,000.00 元", acceptedAt="46085", answeredAt="2026/3/19", result="已发放",
    )  # fmt: skip
    feed = city(csv_bytes([{head[k]: told[k] for k in head}], "gb18030"), MARCH)
    assert (feed.status, feed.kind) == ("accepted", "complaints"), codes(feed)
    made = Complaint.objects.get()
    assert (made.channel, made.reference, made.people) == ("12345", "A1", 12)
    assert (made.received_on, made.amount) == (dt.date(2026, 3, 2), Decimal("86000.00"))
    assert (made.id_number, made.phone, made.name) == (person(1), "13800000012", "阿依古丽")
    assert made.id_hash and made.phone_hash and made.project and made.project.code == PROJECT
    assert (made.standing, made.known_from, made.region_id) == ("answered", MARCH, "330902")
    assert list(made.steps.values_list("act", "on", "known_from", "note")) == [
        ("accepted", dt.date(2026, 3, 4), MARCH, ""),
        ("answered", dt.date(2026, 3, 19), MARCH, "已发放"),
        ("matched", MARCH, MARCH, ""),
    ]
    assert [project.code for project in feed.projects.all()] == [PROJECT]


def test_personal_data_are_not_readable_in_the_table(city):
    from django.db import connection

    city([row(idCardNumber=person(1), cellPhone="13800000012", workerName="林一帆")], MARCH)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM payroll_complaint")
        stored = b"".join(bytes(v) for v in cursor.fetchone() if isinstance(v, bytes | memoryview))
    assert stored and not [
        said
        for said in (person(1), "13800000012", "林一帆", "三个月没发工资")
        if said.encode() in stored
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"receivedAt": ""}, "missing"),
        ({"receivedAt": "三月二日"}, "date-format"),
        ({"receivedAt": "2026-03-21"}, "date-future"),
        ({"channel": "传真"}, "choice"),
        ({"projectCode": "P999"}, "project-unknown"),
        ({"projectCode": "", "text": ""}, "complaint-nothing"),
        ({"areaCode": "110101"}, "area-unknown"),
        ({"idCardNumber": WRONG_CHECK}, "id-checksum"),
        ({"idCardNumber": "3.30902E+17"}, "id-scientific"),
        ({"idCardNumber": "330902600601001"}, "id-15"),
        ({"cellPhone": "老王的电话"}, "phone-number"),
        ({"people": "0"}, "number-range"),
        ({"people": "十二"}, "amount-text"),
        ({"amount": "-1"}, "number-range"),
        ({"amount": "9999999999"}, "number-range"),
        ({"amount": "828363833103551888783048704"}, "number-range"),
        ({"text": "欠" * 4001}, "text-long"),
        ({"acceptedAt": "2026-03-01"}, "complaint-order"),
        ({"acceptedAt": "2026-03-05", "answeredAt": "2026-03-04"}, "complaint-order"),
        ({"acceptedAt": "2026-03-03", "refusedAt": "2026-03-03"}, "complaint-both"),
        ({"answeredAt": "2026-03-21"}, "date-future"),
    ],
)
def test_what_is_sent_back(city, changes, expected):
    feed = city([row(), row("A2", **changes)], MARCH)
    assert feed.status == "rejected"
    assert expected in codes(feed)
    assert not Complaint.objects.exists()
    for issue in FeedIssue.objects.filter(feed=feed, code__startswith="id-"):
        assert person(1)[4:14] not in issue.value


def test_one_complaint_twice_in_a_file(city):
    feed = city([row(), row(text="又打来一次")], MARCH)
    assert codes(feed) == ["row-twice"]
    same = {"idCardNumber": person(3)}
    feed = city([row("", **same), row("", **same)], MARCH)
    assert codes(feed) == ["row-twice"]
    feed = city([row("", **same), row("", idCardNumber=person(4)), row("", channel="来访")], MARCH)
    assert feed.status == "accepted", codes(feed)
    assert Complaint.objects.count() == 3


def test_one_without_a_project_waits_for_a_person_to_name_it(city):
    feed = city([row(projectCode="", projectName="港区安置房", areaCode="330902")], MARCH)
    assert feed.status == "accepted", codes(feed)
    made = Complaint.objects.get()
    assert (made.project, made.region_id, made.site_name) == (None, "330902", "港区安置房")
    assert not complaints.placed(MARCH).exists() and not feed.projects.exists()
    city([row(projectCode=PROJECT)], dt.date(2026, 3, 25))
    made.refresh_from_db()
    assert made.project and made.known_from == MARCH
    assert not complaints.placed(dt.date(2026, 3, 24)).exists()
    assert complaints.placed(dt.date(2026, 3, 25)).exists()


def test_what_was_said_first_stays_and_what_was_done_is_added(city):
    city([row(people="2")], MARCH)
    feed = city([row(people="9", acceptedAt="2026-03-05")], dt.date(2026, 3, 27))
    assert codes(feed, "hint") == ["complaint-differs"]
    made = Complaint.objects.get()
    assert (made.people, made.standing) == (2, "accepted")
    assert made.steps.get(act="accepted").known_from == dt.date(2026, 3, 27)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(order=strategies.permutations(range(4)), again=strategies.integers(0, 3))
def test_the_order_and_the_repetition_of_files_change_nothing(city, order, again):
    """Four lists of four days in any order, one of them twice: the same complaint, the same steps
    known from the same days."""
    ComplaintStep.objects.all().delete()
    Complaint.objects.all().delete()
    serial = next(_runs)
    lists = [
        [row(people="3"), row("A2", projectCode="")],
        [row(people="4", acceptedAt="2026-03-04")],
        [row(people="3", acceptedAt="2026-03-04", answeredAt="2026-03-06"), row("A2")],
        [row("A2", refusedAt="2026-03-08")],
    ]
    for place in (*order, again):
        # A column that nobody reads makes the bytes new in each run.
        content = csv_bytes([one | {"run": f"{serial}"} for one in lists[place]])
        city(content, dt.date(2026, 3, 10 + place))
    said = sorted(Complaint.objects.values_list("reference", "people", "standing", "known_from"))
    tenth = dt.date(2026, 3, 10)
    assert said == [("A1", 3, "answered", tenth), ("A2", 1, "refused", tenth)]
    steps = ComplaintStep.objects.exclude(act="matched")
    assert sorted(steps.values_list("complaint__reference", "act", "on", "known_from")) == [
        ("A1", "accepted", dt.date(2026, 3, 4), dt.date(2026, 3, 11)),
        ("A1", "answered", dt.date(2026, 3, 6), dt.date(2026, 3, 12)),
        ("A2", "refused", dt.date(2026, 3, 8), dt.date(2026, 3, 13)),
    ]
    for day, count in ((9, 0), (10, 1), (11, 1), (12, 2)):
        assert complaints.placed(dt.date(2026, 3, day)).count() == count


_runs = itertools.count()


def test_who_may_send_which(city):
    users = get_user_model().objects

    def sender(name: str, **facts: Any) -> Any:
        made = users.create(username=name)
        Member.objects.create(user=made, **facts)
        return made

    company = sender("general", role="general", company_id=_company(GENERAL))
    assert codes(city([row()], MARCH, sender=company)) == ["kind-not-allowed"]
    assert codes(city([value()], MARCH, sender=company)) == ["kind-not-allowed"]
    elsewhere = sender("elsewhere", role="inspector", region_id="330921")
    assert codes(city([row()], MARCH, sender=elsewhere)) == ["project-unknown"]
    feed = city([row(projectCode="")], MARCH, sender=elsewhere)
    assert feed.status == "accepted" and Complaint.objects.get().region_id == "330921"
    here = sender("here", role="inspector", region_id="330902")
    assert city([row("B1")], MARCH, sender=here).status == "accepted"
    # A complaint that has a project of another territory is not changed from outside.
    told = row("B1", projectCode="", acceptedAt="2026-03-05")
    assert codes(city([told], MARCH, sender=elsewhere)) == ["project-unknown"]


def _company(code: str) -> int:
    from projects.models import Company

    return Company.objects.get(code=code).pk


# ---- indicators


def test_indicators_in_chinese(city):
    told = [
        {
            "统一社会信用代码": GENERAL,
            "月份": "2026年1月",
            "指标": "用电量",
            "数值": "１,２００.５",
        },
        {"统一社会信用代码": SUB, "月份": "2026-02", "指标": "社保缴费", "数值": "0"},
        {"统一社会信用代码": SUB, "月份": "2026-02", "指标": "纳税", "数值": "-20.00"},
    ]
    feed = city(csv_bytes(told, "gb18030"), MARCH)
    assert (feed.status, feed.kind) == ("accepted", "indicators"), codes(feed)
    rows = Indicator.objects.order_by("pk").values_list("kind", "value", "known_from")
    assert list(rows) == [
        ("electricity", Decimal("1200.50"), MARCH),
        ("insurance", Decimal("0.00"), MARCH),
        ("tax", Decimal("-20.00"), MARCH),
    ]
    assert [project.code for project in feed.projects.all()] == [PROJECT]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"corpCode": ""}, "missing"),
        ({"corpCode": "91330900MA0000000X"}, "corp-code"),
        ({"corpCode": credit_code(77)}, "corp-unknown"),
        ({"month": "上月"}, "month-format"),
        ({"month": "2026-03"}, "indicator-running"),
        ({"month": "2026-04"}, "month-future"),
        ({"kind": "煤"}, "choice"),
        ({"value": ""}, "missing"),
        ({"value": "很少"}, "amount-text"),
        ({"value": "-1"}, "number-range"),
        ({"value": "1e13"}, "number-range"),
    ],
)
def test_indicators_that_are_sent_back(city, changes, expected):
    feed = city([value(month="2026-01"), value(**changes)], MARCH)
    assert feed.status == "rejected"
    assert expected in codes(feed)
    assert not Indicator.objects.exists()


def test_one_indicator_twice_in_a_file(city):
    assert codes(city([value(), value(kind="用电", value="5")], MARCH)) == ["row-twice"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_versions_of_an_indicator_come_out_the_same_in_any_order(city, order):
    days = [dt.date(2026, 3, 5), dt.date(2026, 3, 15), dt.date(2026, 4, 1)]
    for place in order:
        assert city([value(value=str(place))], days[place]).status == "accepted"
    rows = Indicator.objects.order_by("known_from").values_list(
        "value", "known_from", "known_until"
    )
    assert list(rows) == [
        (Decimal(0), days[0], days[1]),
        (Decimal(1), days[1], days[2]),
        (Decimal(2), days[2], None),
    ]


def test_the_number_of_queries_does_not_grow_with_the_rows(city):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries(count: int, day: int) -> int:
        rows = [row(f"{day}-{n}", idCardNumber=person(n)) for n in range(count)]
        with CaptureQueriesContext(connection) as context:
            assert city(rows, dt.date(2026, 4, day)).status == "accepted"
        return len(context)

    queries(1, 1)
    assert queries(60, 2) <= queries(2, 3)


def test_a_project_s_own_columns_are_not_taken_for_complaints(load):
    assert load([project_row()]).kind == "projects"
