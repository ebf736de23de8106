"""The general contractor's review, what each side sees of it, and the payment list for the bank."""

import csv
import datetime as dt
import io
from decimal import Decimal
from importlib.resources import files

import pytest
from django.contrib.auth.models import User
from django.test import Client
from lxml import etree

from payroll import payment_list, references, review
from payroll.models import PaymentMatch, Review, Sheet
from projects.models import Account, Company, Member, Worker
from tests.payroll.conftest import codes
from tests.payroll.files import ACCOUNT, GENERAL, OWNER, SUB, card, name, sheet_row
from wagewatch.models import AuditEntry
from wagewatch.months import Month

APRIL = dt.date(2026, 4, 9)
PAID = dt.date(2026, 4, 15)
NOW = dt.datetime(2026, 4, 14, 9, tzinfo=dt.UTC)
NS = f"{{{payment_list.NAMESPACE}}}"


@pytest.fixture
def clients(city) -> dict[str, Client]:
    made = {}
    for role, code in (("sub", SUB), ("general", GENERAL), ("owner", OWNER)):
        user = User.objects.create_user(role)
        Member.objects.create(user=user, role=role, company=Company.objects.get(code=code))
        made[role] = Client()
        made[role].force_login(user)
    return made


@pytest.fixture
def sheet(city) -> Sheet:
    rows = [sheet_row(n, payChannel="银行", cashReason="") for n in range(4)]
    rows[1] |= {"isBackPay": "1", "backPayMonth": "2026-02"}
    rows[3] |= {"payChannel": "现金", "cashReason": "无卡", "payRollBankCardNumber": ""}
    assert city(rows, APRIL).status == "accepted"
    return Sheet.objects.get()


def test_every_act_and_what_it_needs(sheet):
    user = User.objects.create_user("general")
    with pytest.raises(review.NotPossible):
        review.send_back(sheet, user, "  ")
    review.send_back(sheet, user, "李四的天数不对")
    with pytest.raises(review.NotPossible):
        review.send_back(sheet, user, "again")
    review.approve(sheet, user)
    with pytest.raises(review.NotPossible):
        review.approve(sheet, user)
    review.send_back(sheet, user, "账户冻结")
    acts = [entry.act for entry in AuditEntry.objects.filter(act__startswith="sheet-")]
    assert acts == ["sheet-return", "sheet-approve", "sheet-return"]
    assert Review.objects.get().remarks == "账户冻结"


def test_a_replaced_sheet_is_reviewed_no_more_and_its_successor_waits(sheet, city):
    user = User.objects.create_user("general")
    review.approve(sheet, user)
    city([sheet_row(0, amount=6100)], APRIL)
    with pytest.raises(review.NotPossible):
        review.send_back(sheet, user, "x")
    assert review.acts(Sheet.objects.current().get()) == ["approve", "return"]


def test_both_sides_and_nobody_else(sheet, clients):
    page = f"/sheets/{sheet.pk}/"
    waiting = clients["general"].get("/sheets/").context["page"].rows
    assert [one.pk for one in waiting] == [sheet.pk]
    for role in ("sub", "owner"):
        assert clients[role].post(f"{page}review/", {"act": "approve"}).status_code == 403
        assert clients[role].post(f"{page}payments/", {"form": "xml"}).status_code == 403
    clients["general"].post(f"{page}review/", {"act": "return"})
    assert not Review.objects.exists()
    clients["general"].post(f"{page}review/", {"act": "return", "remarks": "天数与考勤不符"})
    assert "天数与考勤不符" in clients["sub"].get(page).content.decode()
    listed = clients["sub"].get("/sheets/", {"standing": "returned"}).content.decode()
    assert "天数与考勤不符" in listed
    links = clients["sub"].get(f"{page}links/").content.decode()
    assert links.count('class="qr"') == links.count('href="http://testserver/c/') > 0
    assert clients["owner"].get(f"{page}links/").status_code == 403
    stranger = User.objects.create_user("stranger")
    company = Company.objects.create(code="X" * 18, name="别家")
    Member.objects.create(user=stranger, role="general", company=company)
    other = Client()
    other.force_login(stranger)
    assert [other.get(page).status_code, other.post(f"{page}payments/").status_code] == [404, 404]


def test_no_list_before_approval(sheet, clients):
    clients["general"].post(f"/sheets/{sheet.pk}/payments/", {"form": "xml"})
    assert not AuditEntry.objects.filter(act="payment-list-taken").exists()
    with pytest.raises(payment_list.NotPossible, match="not-approved"):
        payment_list.take(sheet, "xml", None, now=NOW, today=NOW.date())


def taken(sheet, form: str) -> bytes:
    user = User.objects.create_user(f"general-{form}")
    if review.standing(Sheet.objects.get(pk=sheet.pk)) != "approved":
        review.approve(sheet, user)
    return payment_list.take(sheet, form, user, now=NOW, today=NOW.date())


def refused_by_the_schema(xml: bytes) -> str:
    """What the published XSD of pain.001.001.09 says against it; "" when it is valid."""
    place = files("sepaxml") / "schemas" / "pain.001.001.09.xsd"
    schema = etree.XMLSchema(etree.fromstring(place.read_bytes()))
    schema.validate(etree.fromstring(xml))
    return str(schema.error_log)


def test_the_list_fits_the_published_schema_and_adds_up(sheet):
    xml = taken(sheet, "xml")
    root = etree.fromstring(xml)
    assert refused_by_the_schema(xml) == ""
    moved = etree.tostring(root).replace(b"<GrpHdr>", b"<X>").replace(b"</GrpHdr>", b"</X>")
    assert "GrpHdr" in refused_by_the_schema(moved)
    amounts = [Decimal(e.text) for e in root.iter(f"{NS}InstdAmt")]
    assert (len(amounts), sum(amounts)) == (3, 18000) and min(amounts) > 0
    batch = root.find(f".//{NS}PmtInf")
    for head in (root.find(f".//{NS}GrpHdr"), batch):
        assert head.findtext(f"{NS}NbOfTxs") == "3"
        assert head.findtext(f"{NS}CtrlSum") == "18000.00"
    assert batch.findtext(f"{NS}DbtrAcct/{NS}Id/{NS}Othr/{NS}Id") == ACCOUNT
    cards = [e.text for e in batch.iterfind(f"{NS}CdtTrfTxInf/{NS}CdtrAcct/{NS}Id/{NS}Othr/{NS}Id")]
    assert cards == [card(n) for n in range(3)]  # the fourth is paid in cash
    names = [e.text for e in batch.iter(f"{NS}EndToEndId")]
    assert len(set(names)) == 3 and all(len(text) <= 35 for text in names)
    entry = AuditEntry.objects.get(act="payment-list-taken")
    assert entry.detail["payments"] == 3 and card(0) not in str(entry.detail)


ODD = "\x0b张\u200b\u2028三\ufffe<&>]]>" + "长" * 200


def test_names_that_xml_or_the_schema_would_refuse(sheet):
    """Kept as far as they can be: no failure, no invalid list, no name without characters."""
    for place, field in ((sheet.project.contractor, "name"), (Account.objects.get(), "bank_name")):
        setattr(place, field, ODD[: place._meta.get_field(field).max_length])
        place.save()
    line = sheet.lines.order_by("row").first()
    line.engagement.worker.name = ODD[:100]
    line.engagement.worker.save()
    line.engagement.worker.cards.update(bank_name="\n \x07")
    xml = taken(sheet, "xml")
    assert refused_by_the_schema(xml) == ""
    root = etree.fromstring(xml)
    assert root.findtext(f".//{NS}Dbtr/{NS}Nm") == ("张 三 <&>]]>" + "长" * 200)[:140]
    one = root.find(f".//{NS}CdtTrfTxInf")
    assert one.findtext(f"{NS}Cdtr/{NS}Nm").startswith("张 三 <&>]]>长")
    assert one.find(f"{NS}CdtrAgt") is None
    rows = list(csv.reader(io.StringIO(taken(sheet, "csv").decode("utf-8-sig"))))
    assert rows[1][1].startswith("张 三 <&>]]>长") and len(rows) == 4


def test_the_csv_says_the_same(sheet):
    rows = list(csv.reader(io.StringIO(taken(sheet, "csv").decode("utf-8-sig"))))
    assert [row[1:3] for row in rows[1:]] == [[name(n), card(n)] for n in range(3)]
    assert sum(Decimal(row[4]) for row in rows[1:]) == 18000


def answered(xml: bytes) -> bytes:
    """The bank's camt.053 of a payment list: each payment booked, nothing else told of it."""
    root = etree.fromstring(xml)
    entries = []
    for number, one in enumerate(root.iter(f"{NS}CdtTrfTxInf")):
        amount = one.findtext(f"{NS}Amt/{NS}InstdAmt")
        entries.append(
            f"""<Ntry><Amt Ccy="CNY">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd>
            <Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-04-15</Dt></BookgDt>
            <AcctSvcrRef>BANK{number:06d}</AcctSvcrRef><NtryDtls><TxDtls>
            <Refs><EndToEndId>{one.findtext(f"{NS}PmtId/{NS}EndToEndId")}</EndToEndId></Refs>
            <Amt Ccy="CNY">{amount}</Amt><RltdPties>
            <Cdtr><Pty><Nm>{one.findtext(f"{NS}Cdtr/{NS}Nm")}</Nm></Pty></Cdtr>
            <CdtrAcct><Id><Othr><Id>{one.findtext(f"{NS}CdtrAcct/{NS}Id/{NS}Othr/{NS}Id")}</Id>
            </Othr></Id></CdtrAcct></RltdPties></TxDtls></NtryDtls></Ntry>"""
        )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
    <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
    <GrpHdr><MsgId>S1</MsgId><CreDtTm>2026-04-15T20:00:00</CreDtTm></GrpHdr>
    <Stmt><Id>S1</Id><FrToDt><FrDtTm>2026-04-15T00:00:00</FrDtTm><ToDtTm>2026-04-15T23:59:59</ToDtTm>
    </FrToDt><Acct><Id><Othr><Id>{ACCOUNT}</Id></Othr></Id><Ccy>CNY</Ccy></Acct>
    {"".join(entries)}</Stmt></BkToCstmrStmt></Document>""".encode()


def test_the_banks_answer_matches_every_line_by_reference(sheet, city):
    feed = city(answered(taken(sheet, "xml")), PAID, "对账单.xml")
    assert feed.status == "accepted", codes(feed)
    matches = PaymentMatch.objects.select_related("engagement__worker")
    assert [match.method for match in matches] == ["reference"] * 3
    months = {match.engagement.worker.name: str(match.month) for match in matches}
    assert months == {name(0): "2026-03", name(1): "2026-02", name(2): "2026-03"}
    assert sum(match.amount for match in matches) == 18000
    with pytest.raises(payment_list.NotPossible, match="nothing-unpaid"):
        payment_list.take(sheet, "xml", None, now=NOW, today=PAID)


def test_without_our_reference_the_older_month_would_have_been_paid(sheet, city):
    """What the reference is good for: the same statement with references of nobody's."""
    xml = taken(sheet, "xml").replace(b"WW", b"QQ")
    city([sheet_row(0, "2026-02")], APRIL)
    city(answered(xml), PAID, "对账单.xml")
    first = Worker.objects.get(name=name(0))
    assert str(PaymentMatch.objects.get(engagement__worker=first).month) == "2026-02"


def test_a_worker_without_a_card_is_named_and_left_out(sheet):
    line = sheet.lines.order_by("row").first()
    line.engagement.worker.cards.all().delete()
    made = payment_list.of(sheet, APRIL)
    assert made.without_card == [name(0)] and len(made.payments) == 2


def test_references_name_their_claim():
    month = Month.parse("2026-03")
    code = references.reference(7, month, dt.date(2026, 4, 5))
    assert code == "WW7M202603D260405" and references.claim_of(code) == (7, month.ordinal)
    assert all(references.claim_of(t) is None for t in ("WW7", "WW7M202613D260405", "", f"x{code}"))


def test_queries_do_not_grow_with_lines(sheet, clients, django_assert_max_num_queries):
    review.approve(sheet, User.objects.get(username="general"))
    with django_assert_max_num_queries(22):
        clients["general"].get(f"/sheets/{sheet.pk}/")
