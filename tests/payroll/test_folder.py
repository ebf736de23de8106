"""The watched folder: settled files only, every sender's own reach, nothing lost or overwritten."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection

from payroll import folder, ingest
from payroll.models import Feed, Sheet
from projects.models import Company, Member
from tests.payroll.files import SUB, csv_bytes, sheet_row


def settle(root: Path) -> list[dict]:
    return folder.take(root, folder.look(root))[1]


@pytest.fixture
def drop(tmp_path) -> Path:
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop"


@pytest.fixture
def sub(city) -> User:
    user = User.objects.create(username="sub")
    Member.objects.create(user=user, role="sub", company=Company.objects.get(code=SUB))
    return user


def test_a_file_is_taken_when_two_looks_find_it_the_same(city, drop):
    file = drop / "三月.csv"
    data = csv_bytes([sheet_row(n) for n in range(3)])
    file.write_bytes(data[:50])
    before = folder.look(drop)
    file.write_bytes(data)
    before, reports = folder.take(drop, before)
    assert reports == [] and file.exists()
    before, [report] = folder.take(drop, before)
    assert (report["status"], report["accepted"]) == ("accepted", 3)
    kept = drop / report["kept"]
    assert kept.read_bytes() == data and kept.parent.parent.name == "done"
    beside = json.loads((kept.parent / f"{kept.name}.report.json").read_text())
    assert beside["sha256"] == Feed.objects.latest("pk").sha256
    assert folder.take(drop, before)[1] == []


def test_a_rejected_file_lies_beside_its_report(city, drop):
    (drop / "bad.csv").write_bytes(csv_bytes([sheet_row(1, actualAmount="1")]))
    [report] = settle(drop)
    kept = drop / report["kept"]
    assert kept.parent.parent.name == "rejected"
    said = json.loads((kept.parent / "bad.csv.report.json").read_text())
    assert said["errors"][0]["code"] == "net-mismatch" and said["errors"][0]["row"] == 2


def test_a_folder_of_a_login_has_that_members_reach(sub, drop):
    for name in ("sub", "stranger"):
        (drop / name).mkdir()
        (drop / name / "a.csv").write_bytes(csv_bytes([sheet_row(1, corpCode=SUB)]))
    (drop / "sub" / "registry.csv").write_bytes(b"projectCode,noticeBoardDate\nX,2026-01-01\n")
    found = {(r["sender"], r["file"]): r for r in settle(drop)}
    feed = Feed.objects.get(filename="a.csv")
    assert (feed.sender, feed.company.code, feed.channel) == (sub, SUB, "folder")
    assert found["stranger", "a.csv"]["errors"][0]["code"] == "sender-unknown"
    assert found["sub", "registry.csv"]["errors"][0]["code"] == "kind-not-allowed"


def test_links_dot_files_and_unfinished_ones_are_left_alone(city, drop):
    secret = drop.parent / "secret.csv"
    secret.write_bytes(csv_bytes([sheet_row(1)]))
    (drop / "link.csv").symlink_to(secret)
    (drop / ".hidden.csv").write_bytes(b"x")
    (drop / "up.csv.filepart").write_bytes(b"x")
    assert settle(drop) == []
    assert len(list(drop.iterdir())) == 3 and secret.exists()


def test_the_same_name_again_overwrites_nothing(city, drop):
    for amount in (6000, 6500):
        (drop / "a.csv").write_bytes(csv_bytes([sheet_row(1, amount=amount)]))
        [report] = settle(drop)
        assert report["status"] == "accepted"
    kept = sorted(p.name for p in (drop / report["kept"]).parent.iterdir())
    assert kept == ["a.2.csv", "a.2.csv.report.json", "a.csv", "a.csv.report.json"]
    assert Sheet.objects.count() == 2


@pytest.mark.parametrize("at", ["receive", "process"])
def test_what_an_interrupted_watch_had_claimed_is_taken_up(city, drop, monkeypatch, at):
    (drop / "a.csv").write_bytes(csv_bytes([sheet_row(1)]))
    before = Feed.objects.count()

    def pulled(*arguments, **options):
        raise KeyboardInterrupt("the plug")

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(ingest, at, pulled)
        settle(drop)
    assert not (drop / "a.csv").exists()
    [report] = folder.take_up(drop)
    assert report["status"] == "accepted" and Feed.objects.count() == before + 1
    assert folder.take_up(drop) == []


def test_the_command_takes_what_is_there(city, drop, capsys):
    (drop / "a.csv").write_bytes(csv_bytes([sheet_row(1)]))
    call_command("watch", str(drop), "--once", "--interval", "0.01", "--format", "json")
    assert json.loads(capsys.readouterr().out)["status"] == "accepted"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_real_watch_takes_files_until_it_is_told_to_end(city, drop):
    name = str(connection.settings_dict["NAME"])
    url = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        url = os.environ["WAGEWATCH_DATABASE_URL"].rsplit("/", 1)[0] + f"/{name}"
    process = subprocess.Popen(
        [sys.executable, "manage.py", "watch", str(drop), "--interval", "0.2"],
        env=os.environ | {"WAGEWATCH_DATABASE_URL": url, "WAGEWATCH_DATA": str(settings.DATA_DIR)},
        cwd=settings.BASE_DIR,
    )
    try:
        (drop / "a.csv").write_bytes(csv_bytes([sheet_row(1)]))
        deadline = time.monotonic() + 30
        while not list(drop.glob("*/*/a.csv.report.json")) and time.monotonic() < deadline:
            time.sleep(0.1)
        [report] = drop.glob("*/*/a.csv.report.json")
        time.sleep(0.1)
        assert json.loads(report.read_text())["status"] == "accepted", report.read_text()
    finally:
        process.terminate()
        assert process.wait(timeout=10) == 0
    assert Sheet.objects.count() == 1
