"""Departments' shared data: whose a value is, which one holds, what differs, what was decided."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payroll.models import Feed
from payroll.sources import origin
from projects.models import (
    Authority,
    Conflict,
    FieldValue,
    Member,
    Party,
    Project,
    ProjectVersion,
)
from tests import factories
from tests.payroll.conftest import codes
from tests.payroll.files import (
    GENERAL,
    PROJECT,
    SUB,
    credit_code,
    csv_bytes,
    participant_rows,
    project_row,
)
from wagewatch.known import known_on

Load = Callable[..., Feed]
FEB, MARCH = dt.date(2026, 2, 2), dt.date(2026, 3, 2)


def told(code: str = PROJECT, **columns: str) -> list[dict[str, str]]:
    """A department's row with these columns only."""
    return [{"projectCode": code} | columns]


def hints(feed: Feed) -> list[str]:
    found = codes(feed, "hint")
    return [code for code in found if code.startswith("value-")]


def project() -> Project:
    return Project.objects.get(code=PROJECT)


def one_conflict() -> Conflict:
    return Conflict.objects.get()


def test_the_first_value_holds_and_another_source_makes_a_conflict(load: Load) -> None:
    assert load([project_row()], source="reform").source == "reform"
    feed = load(told(contractAmount="90000000"), FEB, source="housing")
    assert (feed.status, hints(feed)) == ("accepted", ["value-differs"]), codes(feed)
    assert project().contract_amount == 80_000_000
    found = one_conflict()
    assert (found.field, found.standing, found.opened_on) == ("contract_amount", "open", FEB)
    assert (found.held_source, found.held_value) == ("reform", "80000000.00")
    assert found.values == {
        "reform": {"value": "80000000.00", "on": "2026-01-05", "feed": feed.pk - 1},
        "housing": {"value": "90000000.00", "on": "2026-02-02", "feed": feed.pk},
    }


def test_a_source_corrects_itself_and_a_conflict_ends_when_sources_agree(load: Load) -> None:
    load([project_row()], source="reform")
    load(told(contractAmount="90000000"), FEB, source="housing")
    load(told(contractAmount="90000000.00", startDate="2025-11-01"), MARCH, source="reform")
    assert not Conflict.objects.exists()
    assert project().contract_amount == 90_000_000
    versions = ProjectVersion.objects.filter(known_on(FEB))
    assert versions.get().contract_amount == 80_000_000  # what held on a past day stays


def test_the_department_that_issues_the_permit_wins_and_the_other_stays_visible(
    load: Load,
) -> None:
    load([project_row()], source="reform")
    feed = load(told(builderLicenseNum="330902202501019999"), FEB, source="housing")
    assert not hints(feed) and project().permit_number == "330902202501019999"
    found = one_conflict()
    assert (found.standing, found.held_source, set(found.values)) == (
        "rule", "housing", {"reform", "housing"},
    )  # fmt: skip
    again = load(told(builderLicenseNum="330902202501018888"), MARCH, source="reform")
    assert hints(again) == ["value-outranked"]
    assert project().permit_number == "330902202501019999"
    water = load(told(builderLicenseNum="W-1", licenseDate="2025-10-01"), MARCH, source="water")
    assert hints(water) == ["value-outranked"]  # a housing project's permit is not water's


def test_a_named_source_wins_over_one_that_is_not_named(load: Load) -> None:
    load([project_row()])
    load(told(contractAmount="70000000"), FEB, source="transport")
    assert project().contract_amount == 70_000_000
    assert one_conflict().standing == "rule"
    feed = load(told(contractAmount="60000000"), MARCH)  # nobody's word, a new one
    assert hints(feed) == ["value-differs"]
    assert project().contract_amount == 70_000_000 and one_conflict().standing == "open"


def test_empty_says_nothing_and_withdrawn_takes_back(load: Load) -> None:
    load([project_row(completeDate="2027-01-01")], source="reform")
    load([project_row(completeDate="", contractAmount="")], FEB, source="reform")
    assert project().complete_date == dt.date(2027, 1, 1)
    load(told(completeDate="2027-06-30", governmentFunded=""), FEB, source="housing")
    load(told(completeDate="撤回", governmentFunded=""), MARCH, source="reform")
    assert not Conflict.objects.exists()
    assert project().complete_date == dt.date(2027, 6, 30)  # the other source's
    load(told(completeDate="撤回", prjStatus=""), MARCH, source="housing")
    assert project().complete_date is None
    assert project().versions.filter(known_on(FEB)).get().complete_date == dt.date(2027, 1, 1)


def test_nothing_is_written_for_what_has_not_changed(load: Load) -> None:
    load([project_row()], source="reform")
    values, versions = FieldValue.objects.count(), ProjectVersion.objects.count()
    load([project_row() | {"x": "1"}], FEB, source="reform")
    assert (FieldValue.objects.count(), ProjectVersion.objects.count()) == (values, versions)
    load([project_row() | {"x": "2"}], MARCH, source="housing")
    assert FieldValue.objects.count() == 2 * values  # housing's own word, once
    assert FieldValue.objects.filter(holds=True).count() == values
    assert not Conflict.objects.exists()


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (2, 3, 1, 0), (0, 3, 1, 2), (0, 2, 3, 1)])
def test_loading_in_any_order_gives_the_same(load: Load, order: tuple[int, ...]) -> None:
    """A file of February, loaded last, knows that the one of March repeated the older value."""
    files = [
        ([project_row()], dt.date(2026, 1, 5), "reform"),
        (told(contractAmount="1.00", areaCode="330902"), FEB, "reform"),
        ([project_row() | {"x": "3"}], MARCH, "reform"),
        (told(contractAmount="2.00", areaCode="330902"), dt.date(2026, 3, 9), "housing"),
    ]
    for n in order:
        rows, day, source = files[n]
        assert load(rows, day, source=source).status == "accepted"
    amounts = project().versions.order_by("known_from").values_list("known_from", "contract_amount")
    assert [(str(day), int(amount)) for day, amount in amounts] == [
        ("2026-01-05", 80_000_000), ("2026-02-02", 1), ("2026-03-02", 80_000_000),
    ]  # fmt: skip
    assert one_conflict().opened_on == dt.date(2026, 3, 9)


# -- files of some columns, and projects named by their papers


def test_a_new_project_needs_what_every_project_has(load: Load) -> None:
    feed = load(told("P330902009", builderLicenseNum="L1", licenseDate="2025-01-01"))
    assert feed.kind == "projects"
    assert [(i.code, i.row, i.column) for i in feed.issues.all()] == [
        ("project-new", 2, "项目名称"),
        ("project-new", 2, "行政区划"),
        ("project-new", 2, "施工总承包单位统一社会信用代码"),
    ]
    assert not Project.objects.exists()


def test_columns_that_are_not_there_are_not_spoken_of(load: Load) -> None:
    load([project_row()], source="reform")
    rows = [{"项目编码": PROJECT, "施工许可证号": "L-2", "发证日期": "2025-12-01"}]
    feed = load(rows, FEB, source="housing")
    assert (feed.kind, feed.status) == ("projects", "accepted"), codes(feed)
    assert set(FieldValue.objects.filter(source="housing").values_list("field", flat=True)) == {
        "permit_number", "permit_date",
    }  # fmt: skip
    assert (project().permit_number, project().name) == ("L-2", f"{PROJECT} 安置房工程")


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"立项代码": "2025-330902-01", "施工许可证号": "L-3"}, []),
        ({"施工许可证号": "330902202501010101", "发证日期": "2025-10-02"}, []),
        ({"立项代码": "2025-330902-99", "施工许可证号": "L-3"}, ["project-paper-unknown"]),
        ({"立项代码": "2025-330902-02", "施工许可证号": "L-3"}, ["project-paper-ambiguous"]),
        ({"立项代码": "", "施工许可证号": "", "发证日期": "2025-10-02"}, ["missing"]),
    ],
)
def test_a_project_named_by_its_papers(load: Load, columns: Any, expected: list[str]) -> None:
    load([project_row()], source="reform")
    second = {"approvalNum": "2025-330902-02", "builderLicenseNum": "L"}
    load([project_row(f"P33090200{n}", **second) for n in (2, 3)], source="reform")
    feed = load([columns | {"x": ""}], FEB, source="housing", kind="projects")
    assert codes(feed) == expected
    if expected == ["project-paper-ambiguous"]:
        assert feed.issues.get(severity="error").values["projects"] == "P330902002、P330902003"
    if not expected:
        values = FieldValue.objects.filter(source="housing")
        assert set(values.values_list("project__code", flat=True)) == {PROJECT}


def test_a_table_of_another_kind_with_a_fault_is_no_projects_file(load: Load) -> None:
    rows = [{"项目编码": PROJECT, "专户账号": "1", "开户银行": "x", "状态": "open", "y": "1"}]
    assert codes(load(rows)) == ["kind-unknown"]


# -- parties


def test_parties_have_sources_too(city: Load) -> None:
    rows = [row | {"entryTime": "2025-11-01"} for row in participant_rows()[2:]]
    feed = city(rows, FEB, source="housing")
    assert (feed.status, hints(feed)) == ("accepted", [])  # the first came from nobody named
    sub = Party.objects.current().get(role="sub")
    assert sub.entry_date == dt.date(2025, 11, 1)
    feed = city(
        [row | {"entryTime": "2025-12-01", "parentCorpCode": ""} for row in rows],
        MARCH,
        source="transport",
    )
    assert hints(feed) == ["value-differs"]
    found = Conflict.objects.get(standing="open")
    assert (found.role, found.company.code, found.field) == ("sub", SUB, "entry_date")
    assert Party.objects.current().get(role="sub").entry_date == dt.date(2025, 11, 1)
    assert Party.objects.current().get(role="sub").parent.code == GENERAL
    new = [{"projectCode": PROJECT, "corpCode": credit_code(9), "corpName": "新分包有限公司",
            "corpType": "sub"}]  # fmt: skip
    assert city(new, MARCH, source="transport").status == "accepted"
    assert Party.objects.current().filter(role="sub").count() == 2


def test_another_general_contractor_in_a_participants_file_is_a_conflict(load: Load) -> None:
    load([project_row(buildCorpCode="", buildCorpName="")], source="reform")
    rows = [
        row | {"corpCode": credit_code(8), "corpName": "另一建工"} for row in participant_rows()
    ]
    feed = load(rows[1:2], FEB, source="housing")
    assert hints(feed) == ["value-differs"]
    hint = feed.issues.get(code="value-differs")
    assert (hint.row, hint.column) == (2, "corpCode")
    assert (one_conflict().field, project().contractor.code) == ("contractor", GENERAL)
    load(participant_rows()[:1], FEB, source="housing")
    assert project().owner.name == "定海港城置业有限公司"  # nobody had named one
    two = [row | {"corpType": "general"} for row in (participant_rows()[1], rows[1])]
    assert not hints(load(two, MARCH, source="transport"))  # a consortium names no one leader
    load(participant_rows()[1:2], MARCH, source="housing")  # and may correct itself
    assert not Conflict.objects.exists()
    load([project_row(contractorCorpCode=credit_code(8))], MARCH, source="water")
    load([participant_rows()[1], rows[2]], MARCH, source="water")
    assert one_conflict().values["water"]["value"] == credit_code(8)  # its own row is its word


def test_a_project_known_before_sources_were_kept(load: Load) -> None:
    old = factories.project(name="旧工程", permit_number="L-0")
    feed = load(told(old.code, licenseDate="2025-02-02", startDate="2025-02-01"), source="housing")
    assert feed.status == "accepted", codes(feed)
    old.refresh_from_db()
    assert (old.name, old.permit_number) == ("旧工程", "L-0")
    assert old.permit_date == dt.date(2025, 2, 2)
    assert old.versions.count() == 2
    assert set(FieldValue.objects.filter(source="unknown", project=old).values_list(
        "known_from", flat=True)) == {factories.EARLY}  # fmt: skip


# -- whose data a feed is


@pytest.mark.parametrize(
    ("facts", "kind", "expected"),
    [
        ({"role": "inspector"}, "hrss", "hrss"),
        ({"role": "inspector"}, None, "hrss"),
        ({"role": "regulator", "industries": ["housing", "municipal"]}, None, "housing"),
        ({"role": "regulator", "industries": ["water", "transport"]}, None, "unknown"),
        ({"role": "regulator", "industries": ["water", "transport"]}, "reform", "reform"),
        ({"role": "government"}, "government", "unknown"),
        ({"role": "government"}, None, "unknown"),
        ({"role": "sub"}, None, "contractor"),
    ],
)
def test_the_sender_says_whose_data_it_is(facts: Any, kind: str | None, expected: str) -> None:
    member = Member(**facts, authority=Authority(kind=kind) if kind else None)
    assert origin.of_member(member) == expected


@pytest.mark.parametrize(
    ("role", "named", "expected"),
    [
        ("inspector", "", "hrss"),
        ("inspector", "water", "water"),
        ("regulator", "", "housing"),
        ("regulator", "housing", "housing"),
        ("regulator", "water", "source-not-allowed"),
        ("inspector", "nonsense", "source-name"),
        (None, "reform", "reform"),
        (None, "", "unknown"),
    ],
)
def test_who_may_name_another_source(
    load: Load, role: str | None, named: str, expected: str
) -> None:
    user = None
    if role:
        user = User.objects.create(username=role)
        Member.objects.create(
            user=user, role=role, region_id="330900", industries=["housing", "municipal"]
        )
    feed = load([project_row()], sender=user, source=named)
    assert (codes(feed) or [feed.source]) == [expected]


def test_the_command_names_the_source(load: Load, tmp_path: Path) -> None:
    load([project_row()], source="reform")
    file = tmp_path / "permits.csv"
    file.write_bytes(csv_bytes(told(builderLicenseNum="L-7", licenseDate="2025-12-01")))
    call_command("load", str(file), "--source", "housing", "--received-on", "2026-02-02")
    feed = Feed.objects.latest("pk")
    assert (feed.status, feed.source, project().permit_number) == ("accepted", "housing", "L-7")
    with pytest.raises(CommandError):
        call_command("load", str(file), "--source", "nonsense")


def test_the_number_of_queries_does_not_grow(load: Load) -> None:
    def count(n: int, day: dt.date) -> int:
        load([project_row(f"Q{n}X{k}") for k in range(n)], day, source="reform")
        rows = [{"projectCode": f"Q{n}X{k}", "contractAmount": "1"} for k in range(n)]
        with CaptureQueriesContext(connection) as queries:
            assert load(rows, MARCH, source="housing").status == "accepted"
        return len(queries)

    assert count(2, FEB) == count(40, FEB)
