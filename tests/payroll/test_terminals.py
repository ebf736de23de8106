"""Time-clock logs: their spellings, whose numbers they are, what waits, and who may map it."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from payroll import ingest, terminals
from payroll.marked import marked_copy
from payroll.models import AttendanceDay, AttendanceMonth, Terminal, TerminalUser, WaitingPunches
from projects.models import Company, Engagement, Member, Project, Region, Worker
from tests.payroll.conftest import codes
from tests.payroll.files import GENERAL, OWNER, PROJECT, SUB, name, worker_row
from wagewatch.models import AuditEntry

RECEIVED = dt.date(2026, 3, 6)
SERIAL = "CKU1234567"
FILE = f"{SERIAL}_attlog.dat"
LOG = [
    "        1\t2026-03-02 07:00:01\t1\t0\t1\t0",
    "        1\t2026-03-02 17:30:01\t1\t1\t1\t0",
    "       22\t2026-03-02 07:02:00\t1\t0\t15\t0",
    "       22\t2026-03-02 17:02:00\t1\t1\t15\t0",
    "       22\t2026-03-03 07:02:00\t1\t0\t15\t0",
]


def data(lines: list[str], end: str = "\r\n", encoding: str = "ascii") -> bytes:
    return "".join(line + end for line in lines).encode(encoding)


@pytest.fixture
def terminal(city: Any) -> Terminal:
    return terminals.register(
        Terminal(serial=SERIAL, project=Project.objects.get(), name="东门"), user=None
    )


def worker(n: int) -> Worker:
    return Worker.objects.get(name=name(n))


def mapped(terminal: Terminal, number: str, n: int) -> None:
    TerminalUser.objects.create(
        terminal=terminal, number=number, worker=worker(n), known_from=dt.date(2026, 3, 1)
    )


def member(role: str, company: str = "", region: str = "") -> User:
    user = User.objects.create(username=f"{role}{company}{region}")
    Member.objects.create(
        user=user,
        role=role,
        company=Company.objects.get(code=company) if company else None,
        region=Region.objects.get(pk=region) if region else None,
    )
    return user


def days(n: int) -> list[tuple[Any, ...]]:
    rows = AttendanceDay.objects.filter(engagement__worker=worker(n)).order_by("day")
    return [(d.isoformat(), p, h) for d, p, h in rows.values_list("day", "punches", "hours")]


SPELLINGS = {
    "usb, six columns": data(LOG),
    "unix line ends": data(LOG, "\n"),
    "a byte order mark": b"\xef\xbb\xbf" + data(LOG),
    "five columns, verification first": data(
        ["1\t2026-03-02 07:00:01\t1\t0\t0", "1\t2026-03-02 17:30:01\t1\t1\t0"]
    ),
    "pushed, state first": data(
        ["1\t2026-03-02 07:00:01\t0\t15\t0\t0\t0", "1\t2026-03-02 17:30:01\t1\t15\t0\t0\t0"]
    ),
    "state first, fingerprint": data(
        ["1\t2026-03-02 07:00:01\t0\t1\t0", "1\t2026-03-02 17:30:01\t1\t1\t0"]
    ),
    "spaces": data(["    1 2026-03-02 07:00:01 1 0 1 0", "  1 2026-03-02   17:30:01 1 1 1 0"]),
    "three columns": data(["1\t2026-03-02 07:00:01\t0", "1\t2026-03-02 17:30:01\t1"]),
    "zeros before the number": data(
        ["000000001\t2026-03-02 07:00:01\t1\t0", "000000001\t2026-03-02 17:30:01\t1\t1"]
    ),
    "English heading, other order": data(
        [
            "No\tMchn\tEnNo\tName\tIn/Out\tMode\tDateTime",
            "1\t1\t00000001\tWang\tC/In\t1\t2026/03/02 07:00:01",
            "2\t1\t00000001\tWang\tC/Out\t1\t2026/03/02 17:30:01",
        ]
    ),
    "Chinese heading, GBK": data(
        [
            "考勤号码\t姓名\t日期时间\t考勤状态\t验证方式",
            "1\t赵安\t2026-03-02 07:00:01\t上班签到\t指纹",
            "1\t赵安\t2026-03-02 17:30:01\t下班签退\t指纹",
        ],
        encoding="gbk",
    ),
    "blank lines and the end of DOS": data(["", *LOG[:2], ""]) + b"\x1a",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_log_however_it_is_written(city, terminal, spelling):
    mapped(terminal, "1", 1)
    feed = city(SPELLINGS[spelling], RECEIVED, FILE)
    assert (feed.status, feed.kind) == ("accepted", "attendance"), codes(feed)
    assert days(1) == [("2026-03-02", 2, Decimal("10.50"))]
    assert not [code for code in codes(feed, "hint") if code != "terminal-user-unknown"]


@pytest.mark.parametrize("file", [FILE, f"{SERIAL.lower()}.dat", f"{PROJECT}_attlog.dat"])
def test_the_file_name_tells_the_terminal(city, terminal, file):
    mapped(terminal, "1", 1)
    assert city(data(LOG), RECEIVED, file).status == "accepted"
    assert len(days(1)) == 1


@pytest.mark.parametrize("file", ["1_attlog.dat", "attlog.dat", "CKU7654321_attlog.dat"])
def test_a_log_of_nobody_knows_which_terminal(city, terminal, file):
    feed = city(data(LOG), RECEIVED, file)
    assert (feed.status, feed.kind, codes(feed)) == (
        "rejected", "attendance", ["terminal-missing"],
    )  # fmt: skip
    assert file in ingest.report(feed)["errors"][0]["message"]
    assert city(data(LOG), RECEIVED, FILE).status == "accepted"


def test_a_project_with_two_terminals_needs_the_serial(city, terminal):
    terminals.register(Terminal(serial="B2", project=terminal.project), user=None)
    feed = city(data(LOG), RECEIVED, f"{PROJECT}_attlog.dat")
    assert codes(feed) == ["terminal-several"]


def test_the_sender_chooses_the_terminal(city, terminal, client: Client):
    terminals.register(Terminal(serial="OTHER", project=terminal.project), user=None)
    mapped(terminal, "1", 1)
    client.force_login(member("general", GENERAL))
    log = SimpleUploadedFile("log of monday.txt", data(LOG[:2]))
    answer = client.post(reverse("feed-send"), {"files": log, "terminal": terminal.pk}, follow=True)
    assert answer.status_code == 200 and days(1) == [("2026-03-02", 2, Decimal("10.50"))]
    client.force_login(member("owner", OWNER))
    log = SimpleUploadedFile("log.txt", data(LOG[2:]))
    assert client.post(reverse("feed-send"), {"files": log, "terminal": "x"}).status_code in (
        403,
        404,
    )


def test_a_serial_is_registered_once_whatever_its_case(terminal):
    again = Terminal(serial=SERIAL.lower(), project=terminal.project)
    with pytest.raises(ValidationError):
        terminals.register(again, user=None)
    assert AuditEntry.objects.get(act="register_terminal").thing_id == str(terminal.pk)


def test_the_administration_changes_an_offset_and_leaves_a_trail(terminal, client: Client):
    client.force_login(User.objects.create_superuser("root", password="x"))
    form = {"serial": SERIAL, "project": terminal.project_id, "name": "", "clock_offset": "-60"}
    url = reverse("admin:payroll_terminal_change", args=[terminal.pk])
    assert client.post(url, form | {"company": ""}).status_code == 302
    terminal.refresh_from_db()
    entry = AuditEntry.objects.get(act="change_terminal")
    assert terminal.clock_offset == entry.detail["clock_offset"] == -60
    client.post(url, form | {"company": "", "clock_offset": "9999"})
    terminal.refresh_from_db()
    assert terminal.clock_offset == -60


def test_the_sender_reaches_only_its_own_terminals(city, terminal):
    sender = member("general", SUB)
    assert codes(city(data(LOG), RECEIVED, FILE, sender=sender)) == ["terminal-missing"]
    sender = member("general", GENERAL)
    assert city(data(LOG), RECEIVED, FILE, sender=sender).status == "accepted"


def test_punches_of_unknown_numbers_wait_and_are_taken_up(city, terminal):
    mapped(terminal, "1", 1)
    feed = city(data(LOG), RECEIVED, FILE)
    assert (feed.accepted, codes(feed, "hint")) == (5, ["terminal-user-unknown"])
    hint = ingest.report(feed)["hints"][0]
    assert (hint["row"], hint["value"]) == (3, "22") and "3" in hint["message"]
    wait = WaitingPunches.objects.get()
    assert (wait.user.number, wait.punches) == ("22", 3)
    assert (wait.first_day, wait.last_day) == (dt.date(2026, 3, 2), dt.date(2026, 3, 3))
    assert days(2) == []

    punches = terminals.map_users(
        terminal, {"22": worker(2).pk}, user=None, as_of=dt.date(2026, 4, 1)
    )
    assert punches == 3 and not WaitingPunches.objects.exists()
    assert days(2) == [("2026-03-02", 2, Decimal("10.00")), ("2026-03-03", 1, None)]
    found = AttendanceDay.objects.filter(engagement__worker=worker(2))
    assert set(found.values_list("known_from", "feed_id")) == {(RECEIVED, feed.pk)}
    month = AttendanceMonth.objects.get(engagement__worker=worker(2))
    assert (month.days, month.hours, month.known_from) == (2, Decimal("10.00"), RECEIVED)
    user = TerminalUser.objects.get(number="22")
    assert user.known_from == dt.date(2026, 4, 1)
    entry = AuditEntry.objects.get(act="map_terminal_users")
    assert entry.detail == {"workers": {"22": worker(2).pk}, "punches": 3}
    assert days(1) == [("2026-03-02", 2, Decimal("10.50"))]

    later = city(data([*LOG, "22\t2026-03-04 07:00:00\t1\t0\t15\t0"]), dt.date(2026, 4, 2), FILE)
    assert later.status == "accepted" and not codes(later, "hint")
    assert [day for day, _, _ in days(2)] == ["2026-03-02", "2026-03-03", "2026-03-04"]
    assert AttendanceMonth.objects.get(engagement__worker=worker(2)).days == 3
    first = AttendanceDay.objects.get(engagement__worker=worker(2), day="2026-03-02")
    assert (first.known_from, first.feed_id) == (RECEIVED, feed.pk)


def test_two_logs_wait_and_each_day_keeps_the_day_it_was_first_received(city, terminal):
    city(data(LOG[:4]), RECEIVED, FILE)
    city(data(LOG), dt.date(2026, 3, 9), FILE)
    assert WaitingPunches.objects.count() == 4
    chosen = {"1": worker(1).pk, "22": worker(2).pk}
    assert terminals.map_users(terminal, chosen, user=None, as_of=RECEIVED) == 9
    found = AttendanceDay.objects.filter(engagement__worker=worker(2)).order_by("day")
    assert list(found.values_list("known_from", flat=True)) == [RECEIVED, dt.date(2026, 3, 9)]


TOLD: list[Any] = []


def follow(projects: list[int], as_of: dt.date) -> None:
    TOLD.append((projects, as_of))


def test_followers_hear_of_the_project_once(city, terminal, settings):
    city(data(LOG), RECEIVED, FILE)
    settings.AFTER_FEED = ["tests.payroll.test_terminals.follow"]
    TOLD.clear()
    terminals.map_users(terminal, {"22": worker(2).pk}, user=None, as_of=dt.date(2026, 4, 1))
    assert [([terminal.project_id], dt.date(2026, 4, 1))] == TOLD


def test_who_cannot_be_mapped(city, terminal):
    city(data(LOG), RECEIVED, FILE)
    stranger = Worker.objects.create(id_number="X", id_hash="0" * 32, name="外人")
    for chosen in ({"22": stranger.pk}, {"99": worker(2).pk}):
        with pytest.raises(terminals.NotPossible):
            terminals.map_users(terminal, chosen, user=None, as_of=RECEIVED)
    terminals.map_users(terminal, {"22": worker(2).pk}, user=None, as_of=RECEIVED)
    with pytest.raises(terminals.NotPossible):
        terminals.map_users(terminal, {"22": worker(3).pk}, user=None, as_of=RECEIVED)
    assert AuditEntry.objects.filter(act="map_terminal_users").count() == 1
    assert days(3) == []


@pytest.mark.parametrize(
    "instant", ["2026-03-07 07:00:00", "2025-10-09 23:59:59", "2000-01-01 00:00:05"]
)
def test_a_wrong_clock_is_said_and_nothing_is_guessed(city, terminal, instant):
    mapped(terminal, "1", 1)
    feed = city(data([*LOG[:2], f"1\t{instant}\t1\t0\t1\t0"]), RECEIVED, FILE)
    assert (feed.status, codes(feed, "hint")) == ("accepted", ["clock-off"])
    assert ingest.report(feed)["hints"][0]["row"] == 3
    assert [day for day, _, _ in days(1)] == ["2026-03-02"]


def test_punches_of_a_wrong_clock_do_not_wait_either(city, terminal):
    city(data([*LOG[:2], "7\t2031-01-01 07:00:00\t1\t0\t1\t0"]), RECEIVED, FILE)
    assert list(WaitingPunches.objects.values_list("user__number", flat=True)) == ["1"]


def test_a_clock_of_another_zone(city, terminal):
    """A terminal set to Tokyo time is an hour ahead: its midnight is 23:00 of the day before."""
    Terminal.objects.update(clock_offset=-60)
    mapped(terminal, "1", 1)
    lines = ["1\t2026-03-03 00:30:00\t1\t0\t1", "1\t2026-03-03 08:30:00\t1\t1\t1"]
    city(data(lines), RECEIVED, FILE)
    assert days(1) == [("2026-03-02", 2, Decimal("8.00"))]
    day = AttendanceDay.objects.get()
    assert day.first_in == dt.datetime(2026, 3, 2, 15, 30, tzinfo=dt.UTC)


def test_punches_without_a_state_are_entries(city, terminal):
    mapped(terminal, "1", 1)
    lines = ["1\t2026-03-02 07:00:00\t1\t255\t0", "1\t2026-03-02 17:00:00\t1\t255\t0"]
    feed = city(data(lines), RECEIVED, FILE)
    assert codes(feed, "hint") == ["log-state"]
    assert days(1) == [("2026-03-02", 2, None)]


def test_which_column_is_the_state_is_said_when_it_is_not_certain(city, terminal):
    mapped(terminal, "1", 1)
    lines = [
        f"1\t2026-03-02 {hour}:00:00\t{a}\t{b}\t0" for hour, a, b in (("07", 1, 0), ("17", 4, 1))
    ]
    feed = city(data(lines), RECEIVED, FILE)
    assert codes(feed, "hint") == ["log-columns"]
    assert days(1) == [("2026-03-02", 2, Decimal("10.00"))]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("1\t2026-03-02 25:00:00\t1\t0\t1\t0", "instant-format"),
        ("\t2026-03-02 08:00:00\t1\t0\t1\t0", "missing"),
        ("1\t2026-03-02 08:00:00\t1\t9\t1\t0", "choice"),
        ("王\t2026-03-02 08:00:00\t1\t0\t1\t0", "user-number"),
        ("1\t2026-03", "instant-format"),
    ],
)
def test_a_damaged_line_sends_the_log_back(city, terminal, line, code):
    feed = city(data([*LOG, line], encoding="utf-8"), RECEIVED, FILE)
    assert (feed.status, codes(feed)) == ("rejected", [code])
    assert feed.issues.filter(severity="error").get().row == 6
    assert not WaitingPunches.objects.exists() and not AttendanceDay.objects.exists()
    assert marked_copy(feed)


def test_other_texts_are_no_logs(city, terminal):
    for text in (b"hello\r\nworld\r\n", b"1\t2\t3\r\n4\t5\t6\r\n"):
        assert codes(city(text, RECEIVED, FILE)) == ["kind-unknown"]


def test_more_lines_ask_no_more_queries(city, terminal):
    counts = []
    for people, day in ((2, 6), (60, 7)):
        lines = [
            f"{n}\t2026-03-02 0{hour}:00:00\t1\t{hour % 2}\t1\t0"
            for n in range(people)
            for hour in (6, 7)
        ]
        with CaptureQueriesContext(connection) as queries:
            feed = city(data(lines), dt.date(2026, 3, day), FILE)
        assert feed.status == "accepted", codes(feed)
        counts.append(len(queries))
    assert counts[1] <= counts[0], counts


# pages


@pytest.fixture
def waiting(city: Any, terminal: Terminal) -> Terminal:
    city(data(LOG), RECEIVED, FILE, sender=None)
    return terminal


def option(n: int) -> str:
    engagement = Engagement.objects.get(worker=worker(n))
    return f"{name(n)} {engagement.worker.masked_id} 木工一班 #{engagement.pk}"


def test_numbers_are_mapped_on_the_page(waiting, client: Client):
    client.force_login(member("general", GENERAL))
    page = client.get(reverse("terminal", args=[waiting.pk])).content.decode()
    assert option(2) in page and worker(2).id_number not in page
    assert ">22<" in page
    sent = {"number": ["22", "1"], "worker": [option(2), ""]}
    answer = client.post(reverse("terminal-map", args=[waiting.pk]), sent, follow=True)
    assert answer.status_code == 200 and len(days(2)) == 2
    page = answer.content.decode()
    assert worker(2).masked_id in page
    entry = AuditEntry.objects.get(act="map_terminal_users")
    assert entry.user is not None and entry.user.username == f"general{GENERAL}"
    assert list(WaitingPunches.objects.values_list("user__number", flat=True)) == ["1"]


def test_a_name_that_is_not_on_the_list_maps_nothing(waiting, client: Client):
    client.force_login(member("general", GENERAL))
    for answer in ("王五", "x #999999", ""):
        sent = {"number": ["22"], "worker": [answer]}
        client.post(reverse("terminal-map", args=[waiting.pk]), sent)
    assert not TerminalUser.objects.filter(worker__isnull=False).exists()


@pytest.mark.parametrize(
    ("role", "company", "region", "status"),
    [
        ("general", GENERAL, "", 200),
        ("general", SUB, "", 404),
        ("sub", SUB, "", 404),
        ("inspector", "", "330902", 200),
        ("inspector", "", "330903", 404),
        ("owner", OWNER, "", 403),
    ],
)
def test_who_sees_a_terminal(waiting, client: Client, role, company, region, status):
    client.force_login(member(role, company, region))
    assert client.get(reverse("terminal", args=[waiting.pk])).status_code == status
    sent = {"number": ["22"], "worker": [option(2)]}
    answer = client.post(reverse("terminal-map", args=[waiting.pk]), sent)
    assert answer.status_code == (302 if status == 200 else status)
    listed = client.get(reverse("feed-terminals"))
    if status == 403:
        assert listed.status_code == 403
    else:
        assert bool(listed.context["page"].rows) == (status == 200)


def test_a_subcontractor_registers_its_own_and_maps_its_own_workers(city, client: Client):
    city([worker_row(20, corp=GENERAL)])
    client.force_login(member("sub", SUB))
    project = Project.objects.get()
    form = {"serial": "S9", "project": project.pk, "name": "", "clock_offset": "0"}
    answer = client.post(reverse("terminal-new"), form)
    terminal = Terminal.objects.get()
    assert answer.status_code == 302 and terminal.company.code == SUB
    city(data(LOG), RECEIVED, "S9_attlog.dat", sender=User.objects.get())
    page = client.get(reverse("terminal", args=[terminal.pk])).content.decode()
    assert name(2) in page and name(20) not in page
    assert client.post(reverse("terminal-new"), form).status_code == 422


def test_the_list_counts_what_waits(waiting, client: Client):
    client.force_login(member("inspector", region="330900"))
    row = client.get(reverse("feed-terminals")).context["page"].rows[0]
    assert (row.waiting_numbers, row.waiting_punches) == (2, 5)
