"""Every method of the interface: what a push becomes, and what a query gives back."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client as Browser
from django.utils import timezone

from payroll import ingest
from payroll.gateway import inbox, keys, methods
from payroll.gateway.serve import answer
from payroll.models import AttendanceDay, Feed, GatewayCall, GatewayKey, Sheet, SheetLine
from projects.models import Company, Engagement, Party, Project, Team, Worker, WorkerCard
from tests.gateway_client import Client
from tests.payroll.files import (
    GENERAL,
    OWNER,
    PROJECT,
    SUB,
    SUB_NAME,
    card,
    credit_code,
    name,
    person,
    project_row,
)

TODAY = timezone.localdate()


class Site(Client):
    """A vendor's program, with the server called directly and the work done at once."""

    address = "10.0.0.8"

    def post(self, form: dict[str, str]) -> dict[str, Any]:
        return answer(form, self.address, timezone.now())

    def push(self, method: str, data: Any) -> dict[str, Any]:
        """The result of a push that was taken."""
        said = self.call(method, data)
        assert said["code"] == "0", said
        code = said["data"]["requestSerialCode"]
        assert self.result(code, 0)["status"] == 0
        inbox.drain()
        return self.result(code, 0)

    def rows(self, method: str, **asked: Any) -> list[dict[str, Any]]:
        said = self.call(method, {"projectCode": PROJECT, **asked})
        assert said["code"] == "0", said
        assert said["data"]["totalCount"] >= len(said["data"]["rows"])
        return said["data"]["rows"]

    def worker(self, n: int, **more: Any) -> dict[str, Any]:
        return {
            "workerName": name(n),
            "isTeamLeader": 0,
            "idCardType": "01",
            "idCardNumber": self.encrypt(person(n)),
            "workType": "040",
            "payRollBankCardNumber": self.encrypt(card(n)),
            "payRollBankName": "舟山银行",
            **more,
        }

    def workers(self, *numbers: int, **more: Any) -> dict[str, Any]:
        rows = [self.worker(n) for n in numbers]
        return {"projectCode": PROJECT, "corpCode": SUB, "corpName": SUB_NAME, **more} | {
            "workerList": rows
        }

    def punches(self, *rows: tuple[int, str, str]) -> dict[str, Any]:
        return {
            "projectCode": PROJECT,
            "teamSysNo": 0,
            "dataList": [
                {
                    "idCardType": "01",
                    "idCardNumber": self.encrypt(person(n)),
                    "date": date,
                    "direction": direction,
                    "image": "aGVsbG8=",
                }
                for n, date, direction in rows
            ],
        }

    def sheet(self, *numbers: int, month: str = "2026-03", pay: Any = 6000, **more: Any) -> Any:
        return {
            "projectCode": PROJECT,
            "corpCode": SUB,
            "corpName": SUB_NAME,
            "payMonth": month,
            "detailList": [
                {
                    "workerName": name(n),
                    "idCardType": "01",
                    "idCardNumber": self.encrypt(person(n)),
                    "days": 22,
                    "workHours": "176",
                    "PayRollBankCardNumber": self.encrypt(card(n)),
                    "payRollBankName": "舟山银行",
                    "totalPayAmount": pay,
                    "actualAmount": str(pay),
                    "isBackPay": 0,
                }
                for n in numbers
            ],
            **more,
        }


def site(company: str = GENERAL, **terms: Any) -> Site:
    user, _ = get_user_model().objects.get_or_create(username="inspector")
    owner = Company.objects.get(code=company)
    projects = Project.objects.filter(code=PROJECT)
    key, secret = keys.issue_key(user, "示例软件", owner, projects, **terms)
    return Site("", key.appid, secret)


@pytest.fixture
def vendor(city: Any) -> Site:
    return site()


def test_all_methods_of_the_contract_are_there() -> None:
    names = set(methods.methods())
    assert names == {
        *("CheckSign.Query", "Corp.Upload", "Project.Query", "AsyncHandleResult.Query"),
        *("Corp.Query", "ProjectSubContractor.Update"),
        *("ProjectSubContractor.Add", "ProjectSubContractor.Query"),
        *("Team.Add", "Team.Update", "Team.Query"),
        *("ProjectWorker.Add", "ProjectWorker.Update", "ProjectWorker.Query"),
        *("WorkerContract.Add", "WorkerContract.Query"),
        *("WorkerEntryExit.Add", "WorkerEntryExit.Query"),
        *("WorkerAttendance.Add", "WorkerAttendance.Query"),
        *("Payroll.Add", "Payroll.Query"),
    }


def test_a_push_is_a_feed_like_any_other(vendor: Site) -> None:
    data = vendor.punches((1, "2026-03-02 06:55:00", "01"), (1, "2026-03-02 17:05:00", "02"))
    result = vendor.push("WorkerAttendance.Add", data)
    assert (result["status"], result["rows"], result["result"]) == (20, 2, [])
    feed = Feed.objects.get(channel="gateway")
    assert (feed.kind, feed.status, feed.accepted) == ("attendance", "accepted", 2)
    assert (feed.company.code, feed.received_on) == (GENERAL, TODAY)
    assert [project.code for project in feed.projects.all()] == [PROJECT]
    assert ingest.report(feed)["errors"] == []
    day = AttendanceDay.objects.get()
    assert (day.day, day.hours, day.feed_id) == (dt.date(2026, 3, 2), Decimal("10.17"), feed.pk)


def test_the_bytes_are_kept_sealed_as_they_came_without_photographs(vendor: Site) -> None:
    data = vendor.punches((1, "2026-03-02 06:55:00", "01"))
    vendor.push("WorkerAttendance.Add", data)
    feed = Feed.objects.get(channel="gateway")
    kept = b"".join(ingest.open_bytes(feed))
    assert len(kept) == feed.size
    assert b"aGVsbG8=" not in kept and data["dataList"][0]["idCardNumber"].encode() in kept
    assert PROJECT.encode() not in bytes(GatewayCall.objects.get(body__isnull=False).body)


def test_photographs_are_kept_when_the_site_is_set_to(city: Any) -> None:
    vendor = site(keep_photos=True)
    vendor.push("WorkerAttendance.Add", vendor.punches((1, "2026-03-02 06:55:00", "01")))
    assert b"aGVsbG8=" in b"".join(ingest.open_bytes(Feed.objects.get(channel="gateway")))


def test_errors_come_back_by_row_and_masked(vendor: Site) -> None:
    data = vendor.punches((1, "2026-03-02 06:55:00", "01"), (2, "soon", "01"))
    data["dataList"].append({"idCardType": "01", "idCardNumber": person(3), "date": "2026-03-02"})
    data["dataList"].append(
        {"idCardNumber": vendor.encrypt(person(4)[:-1] + "*"), "date": "x", "direction": "01"}
    )
    result = vendor.push("WorkerAttendance.Add", data)
    assert result["status"] == 10
    said = {(e["row"], e["column"], e["code"]) for e in result["result"]}
    assert {(2, "date", "instant-format"), (3, "idCardNumber", "gateway-cipher")} <= said
    assert not any(person(4)[:-1] in e["value"] for e in result["result"])
    assert not AttendanceDay.objects.exists()
    assert Feed.objects.get(channel="gateway").status == "rejected"


def test_attendance_of_a_stranger_is_taken_with_a_hint(vendor: Site) -> None:
    data = vendor.punches((30, "2026-03-02 06:55:00", "01"))
    result = vendor.push("WorkerAttendance.Add", data)
    assert (result["status"], [h["code"] for h in result["hints"]]) == (20, ["worker-unregistered"])


def test_attendance_query_gives_days(vendor: Site) -> None:
    data = vendor.punches((1, "2026-03-02 06:55:00", "01"), (2, "2026-03-03 17:05:00", "02"))
    vendor.push("WorkerAttendance.Add", data)
    rows = vendor.rows("WorkerAttendance.Query")
    assert [vendor.decrypt(row["idCardNumber"]) for row in rows] == [person(1), person(2)]
    assert rows[0]["firstIn"] == "2026-03-02 06:55:00"
    (row,) = vendor.rows("WorkerAttendance.Query", date="2026-03-03")
    assert (row["lastOut"], row["firstIn"]) == ("2026-03-03 17:05:00", "")
    mine = {"idCardNumber": vendor.encrypt(person(1))}
    assert len(vendor.rows("WorkerAttendance.Query", **mine)) == 1


def test_many_pushes_in_one_commit_keep_their_own_reports(vendor: Site) -> None:
    codes = []
    for n in range(6):
        data = vendor.punches(
            (n, "2026-03-02 06:55:00", "01"), (n + 20 * (n == 4), "2026-03-02 17:05:00", "02")
        )
        if n == 2:
            data["dataList"][1]["date"] = "never"
        codes.append(vendor.call("WorkerAttendance.Add", data)["data"]["requestSerialCode"])
    again = vendor.call("WorkerAttendance.Add", data)["data"]["requestSerialCode"]
    assert inbox.drain() == 7
    results = [vendor.result(code, 0) for code in codes]
    assert [result["status"] for result in results] == [20, 20, 10, 20, 20, 20]
    assert [(e["row"], e["code"]) for e in results[2]["result"]] == [(2, "instant-format")]
    assert [(h["row"], h["code"]) for h in results[4]["hints"]] == [(2, "worker-unregistered")]
    assert not any(results[n]["hints"] for n in (0, 1, 3, 5))
    assert vendor.result(again, 0)["status"] == 20
    feeds = list(Feed.objects.filter(channel="gateway").order_by("pk"))
    assert [feed.status for feed in feeds][-1] == "duplicate"
    told = AttendanceDay.objects.filter(engagement__worker__name=name(3)).get().feed_id
    assert told == feeds[3].pk
    assert AttendanceDay.objects.count() == 6
    assert all(f.projects.count() == 1 for f in feeds if f.status == "accepted")


def test_the_number_of_queries_does_not_grow_with_the_pushes(
    vendor: Site, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for size in (5, 20):
        for n in range(size):
            data = vendor.punches((n % 10, f"2026-03-0{1 + n % 7} 07:{size}:{n:02d}", "01"))
            vendor.call("WorkerAttendance.Add", data)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert inbox.drain() == size
        counts.append(len([q for q in seen if 'UPDATE "payroll_feed" SET' not in q["sql"]]))
    assert counts[1] <= counts[0]


def test_pay_sheet(vendor: Site) -> None:
    result = vendor.push("Payroll.Add", vendor.sheet(1, 2))
    assert result["status"] == 20, result
    sheet = Sheet.objects.get()
    assert (sheet.people, sheet.net, sheet.employer.code) == (2, Decimal(12000), SUB)
    rows = vendor.rows("Payroll.Query", payMonth="2026-03")
    assert [vendor.decrypt(row["payRollBankCardNumber"]) for row in rows] == [card(1), card(2)]
    assert rows[0]["totalPayAmount"] == "6000.00"
    assert vendor.rows("Payroll.Query", payMonth="2026-02") == []


def test_pay_sheet_with_an_unregistered_worker_is_sent_back(vendor: Site) -> None:
    result = vendor.push("Payroll.Add", vendor.sheet(1, 30))
    assert (result["status"], [e["row"] for e in result["result"]]) == (10, [2])
    assert not Sheet.objects.exists()


def test_pay_sheets_of_two_teams_make_one_month(vendor: Site) -> None:
    teams = {}
    for team, members in (("木工一班", (1, 2)), ("钢筋二班", (3, 4))):
        data = {"projectCode": PROJECT, "corpCode": SUB, "corpName": SUB_NAME, "teamName": team}
        teams[team] = vendor.push("Team.Add", data)["teamSysNo"]
        vendor.push("ProjectWorker.Update", vendor.workers(*members, teamSysNo=teams[team]))
    first, second = teams.values()
    vendor.push("Payroll.Add", vendor.sheet(1, 2, teamSysNo=first))
    vendor.push("Payroll.Add", vendor.sheet(3, 4, pay="5000.50", teamSysNo=second))
    current = Sheet.objects.get(known_until__isnull=True)
    assert (current.version, current.people, current.net) == (2, 4, Decimal("22001.00"))
    vendor.push("Payroll.Add", vendor.sheet(1, pay=7000, teamSysNo=first))  # 2 was a mistake
    current = Sheet.objects.get(known_until__isnull=True)
    assert (current.people, current.net) == (3, Decimal("17001.00"))
    lines = SheetLine.objects.filter(sheet=current).order_by("net")
    assert [str(line.net) for line in lines] == ["5000.50", "5000.50", "7000.00"]
    vendor.push("Payroll.Add", vendor.sheet(3))  # no team: the whole sheet
    assert Sheet.objects.get(known_until__isnull=True).people == 1


def test_corp_upload_makes_a_company_and_renames_only_its_own(vendor: Site) -> None:
    new = {"corpCode": credit_code(77), "corpName": "新来劳务有限公司", "areaCode": "330902"}
    assert vendor.push("Corp.Upload", new)["status"] == 20
    assert Company.objects.get(code=credit_code(77)).name == "新来劳务有限公司"
    said = vendor.push("Corp.Upload", new | {"areaCode": "浙江"})
    assert [error["code"] for error in said["result"]] == ["area-code"]
    assert vendor.push("Corp.Upload", new | {"areaCode": "310115"})["status"] == 20  # elsewhere
    result = vendor.push("Corp.Upload", {"corpCode": SUB, "corpName": "别的名字"})
    assert (result["status"], [h["code"] for h in result["hints"]]) == (20, ["corp-name-other"])
    assert Company.objects.get(code=SUB).name == SUB_NAME
    vendor.push("Corp.Upload", {"corpCode": GENERAL, "corpName": "东海建工集团股份有限公司"})
    assert Company.objects.get(code=GENERAL).name == "东海建工集团股份有限公司"


def test_sub_contractors(vendor: Site) -> None:
    data = {
        "projectCode": PROJECT,
        "corpCode": credit_code(78),
        "corpName": "甬江劳务有限公司",
        "corpType": "006",
        "entryTime": "2026-01-10",
    }
    assert vendor.push("ProjectSubContractor.Add", data)["status"] == 20
    assert Party.objects.get(company__code=credit_code(78)).role == "sub"
    rows = vendor.rows("ProjectSubContractor.Query", corpCode=credit_code(78))
    assert [(row["corpType"], row["entryTime"]) for row in rows] == [("006", "2026-01-10")]
    result = vendor.push("ProjectSubContractor.Add", data | {"corpType": "009"})
    assert [e["code"] for e in result["result"]] == ["role-not-allowed"]


def test_a_sub_contractor_leaves_and_its_former_data_are_news_again(vendor: Site) -> None:
    data = {
        "projectCode": PROJECT, "corpCode": SUB, "corpName": SUB_NAME, "corpType": "006",
        "entryTime": "2025-10-10", "exitTime": "2026-03-01 00:00:00",
    }  # fmt: skip
    for exit_time in ("2026-03-01 00:00:00", "2026-03-02 00:00:00", "2026-03-01 00:00:00"):
        said = vendor.push("ProjectSubContractor.Update", data | {"exitTime": exit_time})
        assert said["status"] == 20, said
        (row,) = vendor.rows("ProjectSubContractor.Query", corpCode=SUB)
        assert row["exitTime"] == exit_time[:10]


def test_companies_are_those_of_the_keys_projects(vendor: Site) -> None:
    Company.objects.create(code=credit_code(79), name="别处建工有限公司")
    said = vendor.call("Corp.Query", {})["data"]
    assert {row["corpCode"] for row in said["rows"]} == {OWNER, GENERAL, SUB}
    said = vendor.call("Corp.Query", {"corpCode": SUB})["data"]
    assert [row["corpName"] for row in said["rows"]] == [SUB_NAME]
    assert vendor.call("Corp.Query", {"corpCode": credit_code(79)})["data"]["totalCount"] == 0
    own = site(SUB)
    assert {row["corpCode"] for row in own.call("Corp.Query", {})["data"]["rows"]} == {SUB}


@pytest.mark.parametrize("method", ["Project.Add", "Project.PartUpdate", "ProjectTraining.Add"])
def test_methods_that_are_not_served_say_what_to_do(vendor: Site, method: str) -> None:
    said = vendor.call(method, {"projectCode": PROJECT})
    assert (said["code"], method in said["message"]) == ("-3", True)
    assert "本平台不提供" in said["message"] and "is not served" in said["message"]
    assert vendor.call("Nobody.Knows", {})["code"] == "-1"


def test_dates_after_today_are_sent_back(vendor: Site) -> None:
    """The checks of city platforms: payMonth, balanceDate, entry and exit are not in the future."""
    tomorrow = str(TODAY + dt.timedelta(days=1))
    sheet = vendor.sheet(1)
    sheet["detailList"][0]["balanceDate"] = tomorrow
    [error] = vendor.push("Payroll.Add", sheet)["result"]
    assert (error["row"], error["column"], error["code"]) == (1, "balanceDate", "date-future")
    sheet["detailList"][0]["balanceDate"] = str(TODAY)
    assert vendor.push("Payroll.Add", sheet)["status"] == 20
    later = TODAY.replace(day=28) + dt.timedelta(days=10)
    [error] = vendor.push("Payroll.Add", vendor.sheet(1, month=f"{later:%Y-%m}"))["result"]
    assert error["code"] == "month-future"
    row = {"idCardType": "01", "idCardNumber": vendor.encrypt(person(1)), "date": tomorrow}
    data = {"projectCode": PROJECT, "corpCode": SUB, "workerList": [row | {"type": 1}]}
    assert [e["code"] for e in vendor.push("WorkerEntryExit.Add", data)["result"]] == [
        "date-future"
    ]


def test_teams(vendor: Site) -> None:
    data = {
        "projectCode": PROJECT,
        "corpCode": SUB,
        "corpName": SUB_NAME,
        "teamName": "木工一班",
        "responsiblePersonName": "周平",
    }
    number = vendor.push("Team.Add", data)["teamSysNo"]
    assert vendor.push("Team.Add", data | {"responsiblePersonName": ""})["teamSysNo"] == number
    assert Engagement.objects.filter(team="木工一班").exists()
    vendor.push("Team.Update", data | {"teamSysNo": number, "teamName": "木工甲班"})
    assert not Engagement.objects.filter(team="木工一班").exists()
    (row,) = vendor.rows("Team.Query", teamSysNo=number)
    assert (row["teamName"], row["responsiblePersonName"]) == ("木工甲班", "周平")
    stranger = vendor.push("Team.Update", data | {"teamSysNo": 999})
    assert [e["code"] for e in stranger["result"]] == ["team-unknown"]
    # Back to the former name with the very same data: an update is never a duplicate.
    back = data | {"teamSysNo": number}
    vendor.push("Team.Update", back)
    vendor.push("Team.Update", back | {"teamName": "木工乙班"})
    vendor.push("Team.Update", back)
    assert Team.objects.get().name == "木工一班"


def test_workers_are_registered_and_updated(vendor: Site) -> None:
    data = vendor.workers(40, teamName="泥工班")
    assert vendor.push("ProjectWorker.Add", data)["status"] == 20
    one = Engagement.objects.get(worker__name=name(40))
    assert (one.team, one.registered, one.worker.id_number) == ("泥工班", True, person(40))
    assert WorkerCard.objects.get(worker=one.worker).number == card(40)
    changed = vendor.workers(40)
    changed["workerList"][0] |= {"payRollBankCardNumber": "", "workType": "050"}
    vendor.push("ProjectWorker.Update", changed)
    one.refresh_from_db()
    assert (one.team, one.work_type) == ("泥工班", "050")  # no team named: it stays
    asked = {"idCardNumber": vendor.encrypt(person(40))}
    (row,) = vendor.rows("ProjectWorker.Query", **asked)
    assert vendor.decrypt(row["payRollBankCardNumber"]) == card(40)
    assert row["workerName"] == name(40)


def test_an_update_leaves_contract_and_entry_alone(vendor: Site) -> None:
    before = Engagement.objects.get(worker__name=name(1))
    assert before.unit_price and before.entry_date and before.contract_date
    vendor.push("ProjectWorker.Update", vendor.workers(1))
    after = Engagement.objects.get(pk=before.pk)
    assert (after.unit_price, after.entry_date, after.contract_date) == (
        before.unit_price, before.entry_date, before.contract_date,
    )  # fmt: skip


def test_an_unknown_team_is_refused_at_once(vendor: Site) -> None:
    said = vendor.call("ProjectWorker.Add", vendor.workers(41, teamSysNo=999))
    assert said["code"] == "-1" and "999" in said["message"]


def test_contracts(vendor: Site) -> None:
    row = {
        "corpCode": SUB,
        "idCardType": "01",
        "idCardNumber": vendor.encrypt(person(1)),
        "contractPeriodType": 0,
        "startDate": "2026-02-01",
        "endDate": "2026-12-31",
        "unit": 1,
        "unitPrice": 420.5,
    }
    assert (
        vendor.push("WorkerContract.Add", {"projectCode": PROJECT, "contractList": [row]})["status"]
        == 20
    )
    one = Engagement.objects.get(worker__name=name(1))
    assert (one.contract_date, one.unit_price) == (dt.date(2026, 2, 1), Decimal("420.50"))
    (shown,) = vendor.rows("WorkerContract.Query", idCardNumber=vendor.encrypt(person(1)))
    assert (shown["startDate"], shown["unitPrice"]) == ("2026-02-01", "420.50")
    row["idCardNumber"] = vendor.encrypt(person(33))
    result = vendor.push("WorkerContract.Add", {"projectCode": PROJECT, "contractList": [row]})
    assert [e["code"] for e in result["result"]] == ["worker-unknown"]


def test_entry_exit_and_coming_back(vendor: Site) -> None:
    def move(date: str, kind: int) -> dict[str, Any]:
        row = {
            "idCardType": "01",
            "idCardNumber": vendor.encrypt(person(1)),
            "date": date,
            "type": kind,
        }
        data = {"projectCode": PROJECT, "corpCode": SUB, "workerList": [row]}
        return vendor.push("WorkerEntryExit.Add", data)

    one = Engagement.objects.get(worker__name=name(1))
    assert move("2026-03-20", 0)["status"] == 20
    one.refresh_from_db()
    assert one.exit_date == dt.date(2026, 3, 20)
    (row,) = vendor.rows("WorkerEntryExit.Query", idCardNumber=vendor.encrypt(person(1)))
    assert (row["exitTime"], row["type"]) == ("2026-03-20", 0)
    entry = one.entry_date
    assert move("2026-04-01", 1)["status"] == 20
    one.refresh_from_db()
    assert (one.entry_date, one.exit_date) == (entry, None)
    result = move("2020-01-01", 0)
    assert [(e["row"], e["code"]) for e in result["result"]] == [(1, "dates-reversed")]


def test_a_subcontractor_speaks_for_itself_alone(vendor: Site) -> None:
    own = site(SUB)
    assert own.push("Payroll.Add", own.sheet(1))["status"] == 20
    foreign = own.sheet(1, corpCode=GENERAL)
    result = own.push("Payroll.Add", foreign)
    assert "corp-not-on-project" in {e["code"] for e in result["result"]}
    Engagement.objects.filter(worker__name=name(2)).update(
        employer=Company.objects.get(code=GENERAL)
    )
    seen = {vendor.decrypt(row["idCardNumber"]) for row in vendor.rows("ProjectWorker.Query")}
    mine = {own.decrypt(row["idCardNumber"]) for row in own.rows("ProjectWorker.Query")}
    assert seen - mine == {person(2)}


def test_another_keys_push_and_project_are_unknown(vendor: Site, city: Any) -> None:
    city([project_row("P330902002")])
    code = vendor.call("WorkerAttendance.Add", vendor.punches((1, "2026-03-02 06:55:00", "01")))
    code = code["data"]["requestSerialCode"]
    assert code.startswith("workerattendance-add-20")
    other = site(SUB)
    assert other.call("AsyncHandleResult.Query", {"requestSerialCode": code})["code"] == "-1"
    assert vendor.call("Project.Query", {})["data"]["totalCount"] == 1
    data = vendor.punches((1, "2026-03-02 06:55:00", "01")) | {"projectCode": "P330902002"}
    assert vendor.call("WorkerAttendance.Add", data)["code"] == "-3"


def test_pages_count_from_nought(vendor: Site) -> None:
    seen = []
    for index in range(4):
        said = vendor.call(
            "ProjectWorker.Query", {"projectCode": PROJECT, "pageIndex": index, "pageSize": "3"}
        )["data"]
        assert said["totalCount"] == 10
        seen.append([vendor.decrypt(row["idCardNumber"]) for row in said["rows"]])
    assert [len(page) for page in seen] == [3, 3, 3, 1]
    assert len({number for page in seen for number in page}) == 10
    for size in (0, 51, "x"):
        asked = {"projectCode": PROJECT, "pageSize": size}
        assert vendor.call("ProjectWorker.Query", asked)["code"] == "-1"


def test_names_in_any_case_and_numbers_as_text_or_number(vendor: Site) -> None:
    data = json.dumps(vendor.sheet(1)).replace('"projectCode"', '"PROJECTCODE"')
    data = data.replace('"detailList"', '"DetailList"').replace('"days": 22', '"Days": "22"')
    data = data.replace('"totalPayAmount": 6000', '"TotalPayAmount": 6000.00')
    assert vendor.push("payroll.add", data)["status"] == 20
    assert SheetLine.objects.get().days == 22


def test_nobody_uploads_a_push_as_a_file(vendor: Site, city: Any) -> None:
    vendor.push("WorkerAttendance.Add", vendor.punches((1, "2026-03-02 06:55:00", "01")))
    kept = b"".join(ingest.open_bytes(Feed.objects.get(channel="gateway")))
    feed = city(kept + b" ", TODAY, name="push.json")
    assert (feed.status, [i.code for i in feed.issues.all()]) == ("rejected", ["kind-unknown"])


def test_pushes_signed_before_a_rotation_are_read(vendor: Site) -> None:
    data = vendor.punches((1, "2026-03-02 06:55:00", "01"))
    code = vendor.call("WorkerAttendance.Add", data)["data"]["requestSerialCode"]
    key = GatewayKey.objects.get()
    new = Site("", vendor.appid, keys.rotate_key(key.created_by, key, timezone.now()))
    keys.forget(vendor.appid)
    with pytest.raises(ValueError):
        keys.rotate_key(key.created_by, key, timezone.now())
    inbox.drain()
    assert new.result(code, 0)["status"] == 20
    assert Worker.objects.filter(id_number__isnull=False).exists()


def test_over_http_and_never_a_server_error(vendor: Site) -> None:
    browser = Browser(enforce_csrf_checks=True)
    said = browser.post("/gateway/", vendor.form("CheckSign.Query")).json()
    assert said["code"] == "0"
    assert browser.post("/gateway/", {}).json()["code"] == "-1"
    assert browser.post("/gateway/", b"\xff\xfe", content_type="text/plain").json()["code"] == "-1"
    assert browser.get("/gateway/").status_code == 302
