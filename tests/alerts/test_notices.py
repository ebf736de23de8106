"""The order to correct: what it says, and that it stays as issued."""

import datetime as dt
import hashlib
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from alerts import engine, notices
from alerts.models import Notice, NoticeLine, Warning, WarningEvent
from alerts.models.notice import NoticeIsFixed
from alerts.notices.duties import DUTIES
from payroll import paydays
from payroll.models import SheetLine
from projects.models import Member, ProjectStatus, WorkerCard
from tests import factories as facts
from tests import notice_factories as make
from tests.notice_factories import issue, text_of
from wagewatch.models import AuditEntry
from wagewatch.months import Month

FEBRUARY, MARCH = Month.parse("2026-02"), Month.parse("2026-03")


@pytest.fixture
def city(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make.authority()


def test_a_notice_about_two_projects_is_for_those_who_may_see_both(city):
    first = make.missed_cycle(2)
    sub = first.company
    site = make.Site(
        "3309222026010002", "嵊泗示例码头", "330922", make.company(8, "另一示例建设有限公司"), sub
    )
    second = make.missed_cycle(2, site=site)
    notice = issue(first, second, authority=city)

    def sees(**member):
        return notice in Notice.objects.visible_to(Member(**member))

    assert sees(role="sub", company=sub)
    assert sees(role="inspector", region_id="330900")
    for project in (first.project, second.project):
        assert not sees(role="general", company=project.contractor)
        assert not sees(role="inspector", region=project.region)


# --- what it says


def test_a_missed_cycle_becomes_an_order(city):
    warning = make.missed_cycle(3)
    notice = issue(warning, authority=city, due_on=dt.date(2026, 5, 6))
    text = text_of(notice)
    for said in (
        "舟山市人力资源和社会保障局",
        "劳动保障监察限期改正指令书",
        "舟人社监令字〔2026〕第001号",
        f"舟山远帆示例建筑劳务有限公司（统一社会信用代码：{warning.company.code}）",
        "临港一号标准厂房工程（项目编码：3309022026010001；",
        "2026年3月工资：工资支付表载明应支付3名农民工工资共计18,030.00元",
        "工资支付日期为2026年4月15日。截至2026年4月24日，该月工资未支付",
        "工资支付表（第1版，2026年4月6日收到，文件“2026-03_",
        f"海湾示例银行定海支行，账号{warning.project.accounts.get().number}）截至2026年4月23日",
        "以上共拖欠3名农民工工资人民币18,030.00元（大写：壹万捌仟零叁拾元整）",
        "违反了《保障农民工工资支付条例》第十二条、第十四条、第三十条、第三十一条的规定",
        "根据《劳动保障监察条例》第十八条第一款第（二）项、第二十六条第（一）项的规定",
        "于2026年5月6日前，向附件1所列3名农民工足额支付",
        "将改正情况书面报告本机关",
        "浙江海澜示例建设集团有限公司应当依据《保障农民工工资支付条例》第三十条",
        "按照应付金额50%以上1倍以下的标准计算，向劳动者加付赔偿金",
        "60日内向舟山市人民政府申请行政复议",
        "6个月内依法向舟山市定海区人民法院提起行政诉讼",
        "（印章）",
        "送达签收",
        "—1—",
    ):
        assert said in text, said
    assert (notice.workers, notice.amount) == (3, Decimal("18030.00"))
    assert (notice.company, notice.project) == (warning.company, warning.project)
    assert list(notice.warnings.all()) == [warning]


def test_ids_are_masked_in_paper_and_data(city):
    warning = make.missed_cycle(2)
    notice = issue(warning, authority=city)
    said = text_of(notice) + json.dumps(notice.facts, ensure_ascii=False)
    for line in notice.lines.select_related("engagement__worker"):
        worker = line.engagement.worker
        assert worker.name in said and worker.masked_id in said
        assert worker.id_number not in said


def test_several_warnings_name_each_claim_once(city):
    """E1 of March, E2 of February and E4 of the same February: one worker's returned wage stands
    in two warnings and once in the annex."""
    site = make.Site()
    march = make.missed_cycle(4, site=site)
    people = site.people
    site.sheet(FEBRUARY, {person: Decimal("5000.01") for person in people})
    for person in people[:3]:
        site.pay(person, FEBRUARY, "5000.01", dt.date(2026, 3, 13))
    site.pay(people[0], FEBRUARY, "5000.01", dt.date(2026, 3, 16), returned=True)
    short = site.warn("E2", FEBRUARY, "10000.02", workers=2)
    back = site.warn("E4", FEBRUARY, "5000.01")
    notice = issue(march, short, back, authority=city)
    assert notice.amount == march.amount + Decimal("10000.02")
    assert notice.workers == 4
    first = notice.lines.get(engagement=people[0])
    assert first.months == "2026年2月、3月"
    assert (first.due, first.paid, first.owed) == (
        Decimal("11000.01"),
        Decimal("0.00"),
        Decimal("11000.01"),
    )
    assert sum(line.owed for line in notice.lines.all()) == notice.amount
    text = text_of(notice)
    assert "已支付10,000.02元，拖欠2名农民工工资10,000.02元，其中1名农民工的工资经银行退回" in text
    assert text.count("2026年2月工资：") == text.count("2026年3月工资：") == 1
    assert set(WarningEvent.objects.values_list("warning", "act", "on", "note")) == {
        (w.pk, "noticed", make.DAY, notice.document_number) for w in (march, short, back)
    }


def test_a_return_still_within_its_days_is_not_ordered(city):
    site = make.Site()
    early, late = site.hire(2)
    site.sheet(MARCH, {early: Decimal(7000), late: Decimal(7000)})
    for person, back_on in ((early, dt.date(2026, 4, 16)), (late, dt.date(2026, 4, 17))):
        site.pay(person, MARCH, "7000", dt.date(2026, 4, 15))
        site.pay(person, MARCH, "7000", back_on, returned=True)
    # The fifth working day after the 16th (a Thursday) is the 23rd, after the 17th the 24th.
    notice = issue(site.warn("E4", MARCH, "7000"), authority=city)
    assert [line.engagement for line in notice.lines.all()] == [early]


def test_a_run_of_months_takes_every_month_of_it(city):
    site = make.Site()
    people = site.hire(2)
    for month in (FEBRUARY, MARCH, MARCH + 1):  # April's payday has not come
        site.sheet(month, {person: Decimal(4000) for person in people}, known=dt.date(2026, 4, 20))
    evidence = {"rows": [{"month": str(month)} for month in (FEBRUARY, MARCH)]}
    run = site.warn("E7", FEBRUARY, "16000", workers=2, evidence=evidence)
    notice = issue(run, authority=city)
    assert {line.months for line in notice.lines.all()} == {"2026年2月、3月"}
    assert notice.workers == 2


def test_a_duty_without_sums(city):
    """A1 against the general contractor: no annex, the account is to be opened."""
    site = make.Site()
    warning = site.warn(
        "A1",
        None,
        company=site.general,
        workers=0,
        evidence={
            "facts": [
                {"label": {"zh": "合同签订日期", "en": ""}, "value": "2025-11-03", "kind": "date"}
            ],
            "sources": [
                {"feed": 1, "filename": "项目.csv", "sha256": "", "received_on": "2026-01-05"}
            ],
        },
    )
    notice = issue(warning, authority=city)
    text = text_of(notice)
    assert "未按规定开设该项目农民工工资专用账户。经核查，合同签订日期：2025年11月3日" in text
    assert "2026年1月5日收到的文件“项目.csv”" in text
    assert "《工程建设领域农民工工资专用账户管理暂行办法》" in text
    assert "第五十五条第（一）项的规定，责令项目停工，并处5万元以上10万元以下的罚款" in text
    assert "附件" not in text and "大写" not in text and "加付赔偿金" not in text
    assert notice.amount == 0 and notice.lines.count() == 0


def test_workers_without_sums_are_annexed(city):
    site = make.Site()
    warning = site.warn(
        "D2",
        MARCH,
        workers=2,
        evidence={
            "columns": [
                {"key": "worker", "label": {"zh": "工人", "en": ""}, "kind": "text"},
                {"key": "first", "label": {"zh": "首日", "en": ""}, "kind": "date"},
            ],
            "rows": [{"worker": "赵海生", "first": "2026-03-02"}, {"worker": "钱建国"}],
            "rows_total": 7,
        },
    )
    text = text_of(issue(warning, authority=city))
    assert "2026年3月有1名" not in text and "2026年3月有2名出勤农民工未列入该月工资支付表" in text
    assert "赵海生2026年3月2日" in text and "钱建国" in text and "另有5行" in text
    assert "第五十六条第（一）项的规定，处5万元以上10万元以下的罚款" in text


def test_a_general_contractors_own_sheet_is_a_matter_of_the_ledger(city):
    """Reg. 56(1) speaks of subcontractors: for own workers it is Reg. 15 and 54(2)."""
    site = make.Site()
    text = text_of(issue(site.warn("D1", MARCH, company=site.general), authority=city))
    assert "第五十四条第（二）项" in text and "第十五条" in text
    assert "第五十六条" not in text and "第三十一条" not in text


def test_every_sanction_comes_after_the_day(city):
    """Never a fine at once: every sanction speaks of the day passed or the order refused."""
    from alerts.notices import sanctions

    texts = [value for name, value in vars(sanctions).items() if name.isupper()]
    assert len(texts) == 14
    assert all(
        ("逾期不" in t) or ("拒不改正" in t) or ("不支付" in t) or ("严重" in t) for t in texts
    )


# --- the file


def test_archival_pdf(city):
    notice = issue(make.missed_cycle(60), authority=city)
    reader = PdfReader(io.BytesIO(notices.read(notice)))
    xmp = reader.trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert "pdfaid:part>2<" in xmp.replace('="2"', ">2<") and "pdfaid:conformance" in xmp
    assert reader.trailer["/Root"]["/OutputIntents"]
    assert reader.trailer["/Root"]["/Lang"].lower().startswith("zh")
    assert notice.document_number in reader.metadata.title
    assert reader.metadata.creation_date.date() == make.DAY
    fonts = {}
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            fonts[font.get_object()["/BaseFont"]] = inner.get_object()
    assert fonts
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(font) for font in fonts.values())
    assert reader.pages[0].mediabox.width == pytest.approx(595.28, abs=0.5)
    assert reader.pages[0].mediabox.height == pytest.approx(841.89, abs=0.5)
    annex = [page for page in reader.pages if page.mediabox.width > page.mediabox.height]
    assert len(annex) >= 3
    assert all("身份证件号码" in page.extract_text() for page in annex)  # headings repeat


def test_same_facts_same_bytes(city):
    warning = make.missed_cycle(2)
    document = notices.documents()["rectification"]
    due_on = dt.date(2026, 5, 6)
    drafts = [
        document.prepare([warning], authority=city, issued_on=make.DAY, due_on=due_on)
        for _ in range(2)
    ]
    assert document.render(drafts[0], "一号") == document.render(drafts[1], "一号")
    assert document.render(drafts[0], "一号") != document.render(drafts[1], "二号")


def test_markup_in_a_name_is_text(city):
    warning = make.missed_cycle(1)
    Warning.objects.filter(pk=warning.pk).update(project=warning.project)
    warning.project.name = "一期<img src=file:///etc/hosts>&工程"
    warning.project.save()
    assert "一期<imgsrc=file:///etc/hosts>&工程" in text_of(issue(warning, authority=city))


def test_kept_sealed_and_checked(city):
    notice = issue(make.missed_cycle(1), authority=city)
    path = Path(settings.MEDIA_ROOT) / notice.file
    sealed = path.read_bytes()
    pdf = notices.read(notice)
    assert pdf.startswith(b"%PDF-1.7") and hashlib.sha256(pdf).hexdigest() == notice.sha256
    assert b"%PDF" not in sealed and path.stat().st_mode & 0o077 == 0
    path.write_bytes(sealed[:200] + bytes([sealed[200] ^ 1]) + sealed[201:])
    with pytest.raises(notices.NoticeError, match="改动"):
        notices.read(notice)
    path.write_bytes(sealed[:-40])
    with pytest.raises(notices.NoticeError):
        notices.read(notice)
    path.unlink()
    with pytest.raises(notices.NoticeError):
        notices.read(notice)


def test_another_sealed_file_in_its_place_is_found_out(city):
    site = make.Site()
    first = issue(make.missed_cycle(1, site=site), authority=city)
    second = issue(make.missed_cycle(1, FEBRUARY, site=site), authority=city)
    root = Path(settings.MEDIA_ROOT)
    (root / first.file).write_bytes((root / second.file).read_bytes())
    with pytest.raises(notices.NoticeError):
        notices.read(first)


def test_issued_is_issued(city):
    notice = issue(make.missed_cycle(1), authority=city)
    line = notice.lines.get()
    notice.amount = Decimal(1)
    for change in (
        notice.save,
        notice.delete,
        lambda: Notice.objects.update(amount=1),
        lambda: Notice.objects.filter(pk=notice.pk).delete(),
        lambda: Notice.objects.bulk_update([notice], ["amount"]),
        lambda: city.notices.update(amount=1),
        line.save,
        line.delete,
        lambda: NoticeLine.objects.all().delete(),
        lambda: notice.lines.update(owed=0),
    ):
        with pytest.raises(NoticeIsFixed):
            change()
    notice.refresh_from_db()
    assert notice.amount == Decimal("6000.00")


def test_audited(city):
    notice = issue(make.missed_cycle(1), authority=city)
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.thing, entry.thing_id) == (
        "notice-issued",
        "alerts.notice",
        str(notice.pk),
    )
    assert entry.detail["sha256"] == notice.sha256


def test_queries_do_not_grow_with_workers(city):
    assert city.region.prefix == "3309"  # read once, not counted
    paydays.fill_months(make.MARCH, make.MARCH)  # made once, by whoever asks first

    def count(people: int, serial: int) -> int:
        general, sub = (make.company(serial + i, f"示例公司{serial + i}") for i in range(2))
        site = make.Site(code=f"P{serial}", general=general, sub=sub)
        warning = make.missed_cycle(people, site=site)
        with CaptureQueriesContext(connection) as queries:
            issue(warning, authority=city)
        return len(queries)

    assert count(3, 100) == count(12, 200)


# --- on the engine's own warnings


def faulty_city() -> None:
    """A subcontractor and a general contractor who break one rule after another."""
    made = facts.project(account=False, contract_date=dt.date(2026, 1, 5))  # A1
    silent = facts.project(start_date=dt.date(2026, 1, 5))  # B1, B2
    bare = facts.project(secured=False)  # A2, A3, A4
    facts.project(known=dt.date(2026, 1, 6))  # the registers still speak
    facts.statement(silent, dt.date(2026, 4, 23))
    site = facts.project(start_date=dt.date(2026, 1, 5))
    facts.credit(site, 900000, dt.date(2026, 4, 10))
    sub, other, third = facts.company(), facts.company(), facts.company()
    crew = [facts.worker(site, sub) for _ in range(5)]
    for month in ("2026-02", "2026-03"):
        for person in crew:
            facts.attend(person, month)
        listed = crew[:4] if month == "2026-02" else crew  # D2
        facts.sheet(site, month, dict.fromkeys(listed, "6100.10"))
    facts.pay(crew[0], "2026-02", "6100.10", dt.date(2026, 3, 13))  # E2, E1, E7
    gang = [facts.worker(site, other) for _ in range(3)]
    facts.attend(gang[0], "2026-03")
    facts.sheet(site, "2026-03", dict.fromkeys(gang, "5000"))  # C3
    for person in gang:
        facts.pay(person, "2026-03", "5000", dt.date(2026, 4, 14))
    facts.pay(gang[0], "2026-03", "5000", dt.date(2026, 4, 15), returned=True)  # E4
    card = WorkerCard.objects.get(worker=gang[0].worker).number_hash
    SheetLine.objects.filter(engagement__in=gang).update(card_hash=card)  # E5
    for _ in range(2):
        facts.attend(facts.worker(site, third), "2026-03")  # D1
    facts.attend(facts.worker(site), "2026-03")  # D1 of the general contractor
    stranger = facts.worker(bare, registered=False)
    facts.attend(stranger, "2026-04", days=[dt.date(2026, 4, 20)])  # C2
    over = facts.project(status=ProjectStatus.COMPLETED, complete_date=dt.date(2026, 4, 1))
    last = facts.worker(over)
    for month in ("2026-01", "2026-03"):  # February was paid
        facts.attend(last, month)
        facts.sheet(over, month, {last: "5000"})  # F1, E1
    facts.statement(over, dt.date(2026, 4, 23))
    facts.debit(site, facts.worker(bare), "8000", dt.date(2026, 4, 10))  # B4
    facts.statement(site, dt.date(2026, 4, 23))
    assert made and silent


def test_every_warning_of_the_engine_that_carries_a_duty_can_be_served(city):
    faulty_city()
    engine.evaluate(make.DAY)
    served: dict[str, str] = {}
    for warning in Warning.objects.open().filter(data_missing=False, rule__in=DUTIES):
        notice = issue(warning, authority=city)
        assert notice.amount == (warning.amount if DUTIES[warning.rule].sums else 0)
        served[warning.rule] = text_of(notice)
    assert set(served) == set(DUTIES)
    assert "涉及" not in served["A1"] and "合同签订" in served["A1"]
    for rule in ("C3", "D1", "D2", "E5"):
        assert "附件1" in served[rule] and DUTIES[rule].annex in served[rule], rule
        assert "3309**********" in served[rule], rule
    assert "2026年2月、3月" in served["E7"]
    assert "10,000.00" in served["F1"] and "2026年1月、3月" in served["F1"]
    assert not any(" / " in text or "registration" in text for text in served.values())
    assert "第五十五条第（三）项" in served["C2"] and DUTIES["C2"].annex in served["C2"]


def test_a_company_with_all_its_warnings_gets_one_order(city):
    """E1, E2, E7 of the same months: the sum of E7, once; and the engine agrees after paying."""
    faulty_city()
    engine.evaluate(make.DAY)
    run = Warning.objects.open().get(rule="E7")
    chosen = list(Warning.objects.open().filter(company=run.company, project=run.project))
    assert {"D2", "E1", "E2", "E7"} <= {warning.rule for warning in chosen}
    chosen = [warning for warning in chosen if warning.rule in DUTIES]
    notice = issue(*chosen, authority=city)
    assert (notice.amount, notice.workers) == (run.amount, 5)
    assert engine.evaluate(make.DAY).opened == 0
    assert set(notice.warnings.all()) == set(chosen)
