"""Who may issue a notice, about what, and the command."""

import datetime as dt
import hashlib
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from alerts import notices
from alerts.models import Level, Notice, NoticeSeries, Warning, WarningEvent
from payroll.models import BankEntry, PaymentMatch
from projects.models import Authority, Member
from tests import notice_factories as make
from tests.notice_factories import issue
from wagewatch.models import AuditEntry
from wagewatch.months import Month

FEBRUARY, MARCH = Month.parse("2026-02"), Month.parse("2026-03")


@pytest.fixture
def city(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make.authority()


def refusal(*warnings, authority, **given) -> notices.NoticeError:
    with pytest.raises(notices.NoticeError) as caught:
        issue(*warnings, authority=authority, **given)
    assert Notice.objects.count() == NoticeSeries.objects.count() == 0
    assert list(Path(settings.MEDIA_ROOT).rglob("*.sealed")) == []
    assert caught.value.message.zh != caught.value.message.en
    return caught.value


# --- who may, about what


def test_one_company_only(city):
    site = make.Site()
    one = make.missed_cycle(1, site=site)
    other = site.warn("A1", None, company=site.general)
    error = refusal(one, other, authority=city)
    assert "2 个单位" in error.message.zh and "one company" in error.message.en


def test_a_deposit_about_to_expire_breaks_no_law_yet(city):
    site = make.Site()
    warning = site.warn("A2", None, company=site.general, level=Level.BLUE)
    assert not notices.may_carry(warning)
    refusal(warning, authority=city)
    warning.level = Level.ORANGE
    assert notices.may_carry(warning)


@pytest.mark.parametrize("rule", ["B3", "C1", "E3"])
def test_rules_without_a_duty(city, rule):
    refusal(make.Site().warn(rule, MARCH), authority=city)


@pytest.mark.parametrize(
    "changed",
    [
        {"data_missing": True},
        {"status": Warning.Status.CLEARED},
        {"status": Warning.Status.DISMISSED},
        {"amount": Decimal("6000.01")},
        {"amount": Decimal("5999.99")},
        {"opened_on": dt.date(2026, 4, 25)},
    ],
)
def test_warnings_that_cannot_be_served(city, changed):
    warning = make.missed_cycle(1)
    Warning.objects.filter(pk=warning.pk).update(**changed)
    refusal(warning, authority=city)


def test_nothing_chosen(city):
    refusal(authority=city)


def test_authority_needs_mark_territory_and_office(city):
    warning = make.missed_cycle(1)  # in 330902
    same = make.authority("330903", "舟山市普陀区人力资源和社会保障局", document_mark="")
    assert "document mark" in refusal(warning, authority=same).message.en
    Authority.objects.filter(pk=same.pk).update(document_mark="舟普人社监令字")
    same.refresh_from_db()
    assert "territory" in refusal(warning, authority=same).message.en
    housing = make.authority(
        "330902", "舟山市定海区住房和城乡建设局", kind="housing", document_mark="舟定建字"
    )
    refusal(warning, authority=housing)
    Authority.objects.filter(pk=same.pk).update(document_mark=city.document_mark)
    assert "collide" in refusal(warning, authority=city).message.en


def test_the_day_to_correct_is_later(city):
    refusal(make.missed_cycle(1), authority=city, due_on=make.DAY)


def test_default_day_is_five_working_days_on(city):
    """After Friday 24 April 2026: 27 to 30 April, and 6 May after the Labour Day holiday."""
    assert issue(make.missed_cycle(1), authority=city).due_on == dt.date(2026, 5, 6)


def person(name: str, role: str, region: str, authority=None):
    user = get_user_model().objects.create_user(name)
    Member.objects.create(user=user, role=role, region_id=region, authority=authority)
    return user


def test_an_inspector_acts_for_the_own_authority_and_territory(city):
    warning = make.missed_cycle(1)  # in 330902
    inspector = Member.Role.INSPECTOR
    for user in (
        person("elsewhere", inspector, "330903"),
        person("regulator", Member.Role.REGULATOR, "330900"),
        person("government", Member.Role.GOVERNMENT, "330900"),
        person("other", inspector, "330902", make.authority("330902", "定海局", document_mark="x")),
        get_user_model().objects.create_user("nobody"),
    ):
        assert "may not" in refusal(warning, authority=city, user=user).message.en
    user = person("right", inspector, "330900", city)
    notice = issue(warning, authority=city, user=user)
    assert notice.issued_by == user
    assert WarningEvent.objects.get().user == user and AuditEntry.objects.get().user == user


def test_default_authority_is_the_nearest_that_has_all(city):
    here = make.missed_cycle(1)
    there = make.Site(
        code="P2", region="330903", general=here.project.contractor, sub=here.company
    ).warn("D1", MARCH)
    assert notices.authority_for([here]) == city
    district = make.authority("330902", "定海局", document_mark="舟定人社监令字")
    assert notices.authority_for([here]) == district
    assert notices.authority_for([here, there]) == city
    Authority.objects.all().delete()
    with pytest.raises(notices.NoticeError):
        notices.authority_for([here])


def test_only_what_was_known_on_the_day_counts(city):
    warning = make.missed_cycle(1)
    line = warning.project.sheets.get().lines.get()
    site_feed = warning.project.sheets.get().feed_id
    entry = BankEntry.objects.create(
        account=warning.project.accounts.get(),
        reference="LATE",
        booked_on=dt.date(2026, 4, 20),
        amount=line.net,
        is_credit=False,
        feed_id=site_feed,
        known_from=dt.date(2026, 4, 25),
    )
    PaymentMatch.objects.create(
        entry=entry,
        engagement_id=line.engagement_id,
        month=MARCH,
        amount=line.net,
        booked_on=entry.booked_on,
        method="reference",
        known_from=entry.known_from,
    )
    error = refusal(warning, authority=city, issued_on=dt.date(2026, 4, 25))
    assert "6,000.00" in error.message.en and "evaluate --as-of 2026-04-25" in error.message.en
    assert issue(warning, authority=city).amount == Decimal("6000.00")


# --- the command


def command(*arguments: str) -> str:
    said = io.StringIO()
    call_command("notice", *arguments, stdout=said)
    return said.getvalue()


def test_command(city, tmp_path):
    warning = make.missed_cycle(3)
    out = tmp_path / "order.pdf"
    said = json.loads(
        command(
            *("--warning", str(warning.pk), "--type", "rectification", "--out", str(out)),
            *("--issued-on", "2026-04-24", "--due-on", "2026-05-08", "--format", "json"),
        )
    )
    assert said == {
        "document_number": "舟人社监令字〔2026〕第001号",
        "sha256": hashlib.sha256(out.read_bytes()).hexdigest(),
        "out": str(out),
        "workers": 3,
        "amount": "18030.00",
        "due_on": "2026-05-08",
        "issued_on": "2026-04-24",
    }


def test_command_refuses(city, tmp_path):
    warning = make.missed_cycle(1)
    out = tmp_path / "order.pdf"
    with pytest.raises(CommandError, match="no such warning: 999999"):
        command("--warning", str(warning.pk), "999999", "--out", str(out))
    with pytest.raises(CommandError, match="cannot be written"):
        command("--warning", str(warning.pk), "--out", str(tmp_path / "none" / "order.pdf"))
    Warning.objects.update(data_missing=True)
    with pytest.raises(CommandError, match=r"资料缺失.*lacks data"):
        command("--warning", str(warning.pk), "--out", str(out), "--issued-on", "2026-04-24")
    assert not out.exists() and Notice.objects.count() == 0
