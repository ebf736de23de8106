"""The load command, who may send what, attendance corner cases, and the number of queries."""

import datetime as dt
import io
import json
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payroll import ingest
from payroll.models import AttendanceDay, AttendanceMonth, Feed, PaymentMatch
from projects.models import Company, Engagement, Member, Project, ProjectVersion, Region, Worker
from tests.payroll import files
from tests.payroll.conftest import codes
from tests.payroll.files import (
    GENERAL,
    OWNER,
    PROJECT,
    SUB,
    bank_row,
    csv_bytes,
    project_row,
    punch_row,
    sheet_row,
    worker_row,
)

APRIL = dt.date(2026, 4, 9)


@pytest.fixture
def directory(tmp_path):
    """A city as files with its manifest, in an order that the names do not have."""
    listed = [
        ("z.csv", [project_row()], "2026-01-01"),
        ("y.csv", files.participant_rows(), "2026-01-01"),
        ("x.csv", [files.account_row()], "2026-01-01"),
        ("w.csv", [worker_row(n) for n in range(3)], "2026-01-02"),
        ("v.csv", [sheet_row(n) for n in range(3)], "2026-04-09"),
        ("u.csv", [bank_row(f"R{n}", n) for n in range(3)], "2026-04-16"),
    ]
    place = tmp_path / "feeds-in"
    place.mkdir()
    for file, rows, _ in listed:
        (place / file).write_bytes(csv_bytes(rows))
    manifest = [{"file": f, "kind": None, "received_on": day} for f, _, day in listed]
    (place / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return place


def run(capsys, *arguments: str) -> tuple[int, list[dict]]:
    try:
        call_command("load", *arguments, "--format", "json")
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, json.loads(capsys.readouterr().out)


def test_a_directory_loads_by_its_manifest(load, directory, capsys):
    code, reports = run(capsys, str(directory))
    assert code == 0
    assert {str(Path(r["file"]).parent) for r in reports} == {str(directory)}
    assert [(Path(r["file"]).name, r["kind"], r["status"], r["accepted"]) for r in reports] == [
        ("z.csv", "projects", "accepted", 1),
        ("y.csv", "participants", "accepted", 3),
        ("x.csv", "accounts", "accepted", 1),
        ("w.csv", "workers", "accepted", 3),
        ("v.csv", "payroll", "accepted", 3),
        ("u.csv", "bank", "accepted", 3),
    ]
    assert set(reports[0]) >= {"file", "kind", "status", "rows", "accepted", "errors", "hints"}
    assert Feed.objects.get(filename="u.csv").received_on == dt.date(2026, 4, 16)
    assert PaymentMatch.objects.count() == 3
    code, reports = run(capsys, str(directory))
    assert (code, {r["status"] for r in reports}) == (0, {"duplicate"})
    assert reports[4]["kind"] == "payroll"


def test_a_rejected_file_gives_exit_1_and_says_where(load, directory, capsys):
    run(capsys, str(directory))
    bad = directory / "bad.csv"
    bad.write_bytes(csv_bytes([sheet_row(1, actualAmount="5")]))
    code, (report,) = run(capsys, str(bad), "--received-on", "2026-04-20", "--kind", "payroll")
    assert (code, report["status"], report["rows"], report["accepted"]) == (1, "rejected", 1, 0)
    (error,) = report["errors"]
    assert (error["row"], error["column"], error["value"]) == (2, "actualAmount", "5")
    assert error["code"] == "net-mismatch" and "6000.00" in error["message"]
    assert set(error) == {"sheet", "row", "column", "value", "code", "message"}


def member(role: str, company: str | None = None, region: str | None = None) -> object:
    user = get_user_model().objects.create(username=f"{role}{company}{region}")
    Member.objects.create(
        user=user,
        role=role,
        company=Company.objects.get(code=company) if company else None,
        region=Region.objects.get(pk=region) if region else None,
        industries=["water"] if role == "regulator" else [],
    )
    return user


@pytest.mark.parametrize(
    ("role", "company", "region", "expected"),
    [
        ("general", GENERAL, None, []),
        ("general", SUB, None, ["project-unknown"]),
        ("sub", SUB, None, []),
        ("sub", GENERAL, None, ["project-unknown"]),
        ("owner", OWNER, None, ["kind-not-allowed"]),
        ("inspector", None, "330900", []),
        ("inspector", None, "330903", ["project-unknown"]),
        ("regulator", None, "330900", ["project-unknown"]),
    ],
)
def test_who_may_send_a_pay_sheet(city, role, company, region, expected):
    feed = city([sheet_row(1)], APRIL, sender=member(role, company, region))
    assert codes(feed) == expected


def test_a_project_out_of_reach_and_one_that_is_not_read_alike(city):
    sender = member("general", SUB)
    said = []
    for code in (PROJECT, "P330902999"):
        feed = city([sheet_row(1, projectCode=code)], APRIL, sender=sender)
        message = ingest.report(feed)["errors"][0]["message"]
        said.append(message.replace(code, "…"))
    assert said[0] == said[1]


def test_a_subcontractor_sends_for_itself_only(city):
    city([worker_row(20, corp=GENERAL)])
    feed = city([sheet_row(20, corpCode=GENERAL)], APRIL, sender=member("sub", SUB))
    assert codes(feed) == ["corp-not-on-project"]


def test_registries_and_bank_feeds_are_not_for_companies(city):
    sender = member("general", GENERAL)
    for rows in ([project_row(name="x")], [worker_row(30)], [bank_row("R")]):
        assert codes(city(rows, APRIL, sender=sender)) == ["kind-not-allowed"]
    assert Project.objects.get().name != "x"


def test_attendance_before_the_registration_moves_to_the_engagement(city):
    rows = [punch_row(40, "2026-03-02 07:00:00", "01"), punch_row(1, "2026-03-02 07:00:00", "01")]
    feed = city(rows, dt.date(2026, 3, 3))
    assert (feed.status, codes(feed, "hint")) == ("accepted", ["worker-unregistered"])
    engagement = Engagement.objects.get(registered=False)
    assert engagement.employer.code == GENERAL and engagement.worker.name == ""
    city([worker_row(40)], dt.date(2026, 3, 4))
    assert not Engagement.objects.filter(registered=False).exists()
    day = AttendanceDay.objects.get(engagement__worker__name=files.name(40))
    assert (day.engagement.employer.code, day.known_from) == (SUB, dt.date(2026, 3, 3))
    assert AttendanceMonth.objects.get(engagement=day.engagement).days == 1
    assert Worker.objects.count() == 11


def test_a_day_goes_to_the_engagement_that_covers_it(city):
    city(
        [worker_row(1, exitTime="2026-03-01"), worker_row(1, corp=GENERAL, entryTime="2026-03-02")]
    )
    rows = [punch_row(1, f"2026-03-0{n} 07:00:00", "01") for n in (1, 2)]
    city(rows, dt.date(2026, 3, 3))
    found = dict(AttendanceDay.objects.values_list("day", "engagement__employer__code"))
    assert found == {dt.date(2026, 3, 1): SUB, dt.date(2026, 3, 2): GENERAL}


@pytest.mark.parametrize(
    ("instant", "direction", "code"),
    [
        ("2026-03-02 25:00:00", "01", "instant-format"),
        ("today", "01", "instant-format"),
        ("2026-03-09 07:00:00", "01", "date-future"),
        ("2026-03-02 07:00:00", "09", "choice"),
    ],
)
def test_punches_that_are_wrong(city, instant, direction, code):
    feed = city([punch_row(1, instant, direction)], dt.date(2026, 3, 3))
    assert codes(feed) == [code]


def test_the_same_punches_in_two_files_count_once(city):
    rows = [punch_row(1, "2026-03-02 07:00:00", "01"), punch_row(1, "2026-03-02 17:00:00", "02")]
    city(rows, dt.date(2026, 3, 5))
    city([*rows, punch_row(2, "2026-03-02 07:00:00", "01")], dt.date(2026, 3, 3))
    day = AttendanceDay.objects.get(engagement__worker__name=files.name(1))
    assert (day.punches, day.hours, day.known_from) == (2, 10, dt.date(2026, 3, 3))


@pytest.mark.parametrize(
    "make",
    [
        lambda n: [project_row(f"Q{k}") for k in range(n)],
        lambda n: [worker_row(100 + k) for k in range(n)],
        lambda n: [sheet_row(k, payRollBankCardNumber=files.card(500 + k)) for k in range(n)],
        lambda n: [bank_row(f"R{k}", k) for k in range(n)],
        lambda n: [punch_row(k, "2026-03-02 07:00:00", "01") for k in range(n)],
    ],
)
def test_more_rows_ask_no_more_queries(city, make):
    counts = []
    for n, day in ((2, dt.date(2026, 4, 17)), (10, dt.date(2026, 4, 18))):
        feed = ingest.receive(
            io.BytesIO(csv_bytes(make(n))), "f.csv", received_on=day,
            received_at=dt.datetime.now(dt.UTC),
        )  # fmt: skip
        with CaptureQueriesContext(
            connection,
        ) as queries:
            ingest.process(feed)
        assert feed.status == "accepted", codes(feed)
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 3, counts


def test_the_file_as_it_came_can_be_had_again(city):
    data = csv_bytes([sheet_row(1)], "gb18030")
    feed = city(data, APRIL)
    assert b"".join(ingest.open_bytes(feed)) == data
    assert files.person(1).encode() not in open_sealed(feed)


def open_sealed(feed: Feed) -> bytes:
    from pathlib import Path

    from django.conf import settings

    return (Path(settings.MEDIA_ROOT) / feed.file).read_bytes()


def test_a_failure_inside_leaves_nothing_and_keeps_the_file(city, monkeypatch):
    from payroll.ingest.payroll import PayrollLoader

    def fail(self):
        raise RuntimeError("disk on fire")

    monkeypatch.setattr(PayrollLoader, "_write_cards", fail)
    data = csv_bytes([sheet_row(1)])
    feed = city(data, APRIL)
    assert (feed.status, codes(feed)) == ("rejected", ["internal"])
    assert not feed.sheets.exists()
    monkeypatch.undo()
    assert city(data, APRIL).status == "accepted"


def test_registry_resent_on_the_same_day_replaces_that_day(city):
    city([project_row(name="新名")])
    assert Project.objects.get().name == "新名"
    assert ProjectVersion.objects.count() == 1
