"""A client that knows the published protocol alone, a real server, a real worker process; and a
worker killed between the answer and the processing."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from payroll.gateway import inbox, keys
from payroll.models import AttendanceDay, Feed, GatewayCall
from projects.models import Company, Engagement, Project
from tests.faults.test_killed_worker import until, worker
from tests.gateway_client import Client
from tests.payroll.files import GENERAL, PROJECT, SUB, SUB_NAME, card, name, person
from wagewatch import work

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def vendor(transactional_db: None, city: Any, live_server: Any) -> Client:
    user = get_user_model().objects.create_user("inspector")
    company = Company.objects.get(code=GENERAL)
    key, secret = keys.issue_key(user, "示例软件", company, Project.objects.all())
    return Client(f"{live_server.url}/gateway/", key.appid, secret)


def punches(vendor: Client, n: int, day: dt.date) -> dict[str, Any]:
    number = vendor.encrypt(person(n))
    rows = [
        {"idCardType": "01", "idCardNumber": number, "date": f"{day} {clock}", "direction": way}
        for clock, way in (("06:55:00", "01"), ("17:05:00", "02"))
    ]
    return {"projectCode": PROJECT, "dataList": rows}


def test_register_work_and_be_paid(vendor: Client) -> None:
    assert vendor.call("CheckSign.Query")["code"] == "0"
    corp = {"projectCode": PROJECT, "corpCode": SUB, "corpName": SUB_NAME}
    who = {"idCardType": "01", "idCardNumber": vendor.encrypt(person(50))}
    pay = {"payRollBankCardNumber": vendor.encrypt(card(50)), "payRollBankName": "舟山银行"}
    day = timezone.localdate() - dt.timedelta(days=40)
    calls = [
        ("Team.Add", corp | {"teamName": "泥工班"}),
        ("ProjectWorker.Add", corp | {"workerList": [{"workerName": name(50), **who, **pay}]}),
        (
            "WorkerContract.Add",
            {"projectCode": PROJECT}
            | {"contractList": [{**corp, **who, "startDate": "2026-01-05", "unitPrice": "400"}]},
        ),
        ("WorkerEntryExit.Add", corp | {"workerList": [{**who, "date": "2026-01-06", "type": 1}]}),
        ("WorkerAttendance.Add", punches(vendor, 50, day)),
        (
            "Payroll.Add",
            corp
            | {
                "payMonth": f"{day:%Y-%m}",
                "detailList": [
                    {"workerName": name(50), **who, **pay, "days": 1}
                    | {"totalPayAmount": 400, "actualAmount": "400.00", "isBackPay": "0"}
                ],
            },
        ),
    ]
    with worker("orm"):
        for method, data in calls:
            said = vendor.call(method, data)
            assert said["code"] == "0", (method, said)
            result = vendor.result(said["data"]["requestSerialCode"], 40)
            assert result["status"] == 20, (method, result)
    one = Engagement.objects.get(worker__name=name(50))
    assert (str(one.contract_date), str(one.entry_date)) == ("2026-01-05", "2026-01-06")
    rows = vendor.call("WorkerAttendance.Query", {"projectCode": PROJECT})["data"]["rows"]
    assert [row["date"] for row in rows] == [str(day)]
    rows = vendor.call("Payroll.Query", {"projectCode": PROJECT})["data"]["rows"]
    assert [(vendor.decrypt(r["idCardNumber"]), r["actualAmount"]) for r in rows] == [
        (person(50), "400.00")
    ]


def test_nothing_is_lost_when_the_worker_dies_after_the_answer(vendor: Client) -> None:
    """Answered, then a drain dies: before it made feeds, and after it made them."""
    day = timezone.localdate() - dt.timedelta(days=10)
    first = [vendor.call("WorkerAttendance.Add", punches(vendor, n, day)) for n in range(3)]
    inbox._make_feeds()  # a drain that was killed right here
    second = [vendor.call("WorkerAttendance.Add", punches(vendor, n, day)) for n in range(3, 6)]
    assert Feed.objects.filter(channel="gateway", status="received").count() == 3
    assert GatewayCall.objects.filter(waiting=True).count() == 3
    work.Work.objects.all().delete()  # the queue forgot it all
    work_queue_empty()
    inbox.sweep()
    with worker("orm"):
        for said in first + second:
            assert vendor.result(said["data"]["requestSerialCode"], 40)["status"] == 20
    assert AttendanceDay.objects.filter(day=day).count() == 6


def pending() -> bool:
    waiting = GatewayCall.objects.filter(waiting=True).exists()
    return waiting or Feed.objects.filter(status__in=["received", "running"]).exists()


def work_queue_empty() -> None:
    from django_q.models import OrmQ

    OrmQ.objects.all().delete()


def test_a_worker_killed_while_pushes_come(vendor: Client) -> None:
    day = timezone.localdate() - dt.timedelta(days=30)
    codes: list[str] = []

    def push(count: int) -> None:
        for _ in range(count):
            n = len(codes)
            data = punches(vendor, n % 10, day + dt.timedelta(days=n // 10))
            codes.append(vendor.call("WorkerAttendance.Add", data)["data"]["requestSerialCode"])

    with worker("orm"):
        push(30)
        until(lambda: Feed.objects.filter(channel="gateway", status="accepted").exists())
        push(60)
    push(30)
    with worker("orm"):
        push(1)
        until(lambda: bool(inbox.sweep()) or not pending())
    assert {vendor.result(code)["status"] for code in codes} == {20}
    assert AttendanceDay.objects.count() == 121
