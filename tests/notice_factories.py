"""A made-up corner of the city for the tests of notices: every name and number is invented."""

import datetime as dt
import io
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pypdf import PdfReader
from stdnum.cn import uscc

from alerts import notices
from alerts.models import Level, Notice, Warning
from payroll.models import BankEntry, BankStatement, Feed, PaymentMatch, Sheet, SheetLine
from projects.models import (
    Account,
    Authority,
    Company,
    Engagement,
    Project,
    ProjectVersion,
    Region,
    Worker,
)
from wagewatch.months import Month
from wagewatch.vault import blind

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
GIVEN = ("海生", "建国", "秀兰", "永强", "桂芳", "志勇", "小梅", "德福", "春花", "光明")
KNOWN = dt.date(2026, 1, 5)
DAY = dt.date(2026, 4, 24)
MARCH = Month.parse("2026-03")


def resident_id(serial: int) -> str:
    body = (
        f"330902{1960 + serial % 40}{serial % 12 + 1:02d}{serial % 28 + 1:02d}{serial % 1000:03d}"
    )
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def company(serial: int, name: str) -> Company:
    body = f"91330902MA{serial:07d}"
    return Company.objects.create(code=body + uscc.calc_check_digit(body), name=name)


def authority(code: str = "330900", name: str = "舟山市人力资源和社会保障局", **given: Any) -> Any:
    values = {
        "document_mark": "舟人社监令字",
        "government": "舟山市人民政府",
        "court": "舟山市定海区人民法院",
        "address": "舟山市新城示例路1号",
        "phone": "0580-0000000",
        **given,
    }
    return Authority.objects.create(
        kind=given.pop("kind", Authority.Kind.HRSS),
        region_id=code,
        name=name,
        **{key: value for key, value in values.items() if key != "kind"},
    )


@dataclass
class Site:
    """A project with a general contractor and a subcontractor, its account and its workers."""

    code: str = "3309022026010001"
    name: str = "临港一号标准厂房工程"
    region: str = "330902"
    general: Company | None = None
    sub: Company | None = None
    serial: int = 0
    people: list[Engagement] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.general = self.general or company(1, "浙江海澜示例建设集团有限公司")
        self.sub = self.sub or company(2, "舟山远帆示例建筑劳务有限公司")
        facts: dict[str, Any] = {
            "name": self.name,
            "region": Region.objects.get(pk=self.region),
            "contractor": self.general,
            "pay_day": 15,
            "contract_date": dt.date(2025, 11, 3),
            "start_date": dt.date(2025, 12, 1),
        }
        self.project = Project.objects.create(code=self.code, **facts)
        ProjectVersion.objects.create(project=self.project, known_from=KNOWN, **facts)
        self.account = Account.objects.create(
            number=f"39020120{self.project.pk:08d}",
            project=self.project,
            bank_name="海湾示例银行定海支行",
            open_date=KNOWN,
        )
        self.feed = feed(f"{self.code}.xlsx")

    def hire(self, count: int, employer: Company | None = None) -> list[Engagement]:
        made = []
        for _ in range(count):
            self.serial += 1
            number = resident_id(self.project.pk * 307 + self.serial)
            name = SURNAMES[self.serial % 20] + GIVEN[self.serial // 20 % 10 + self.serial % 3 - 1]
            worker = Worker.objects.create(id_number=number, id_hash=blind(number), name=name)
            made.append(
                Engagement.objects.create(
                    worker=worker,
                    project=self.project,
                    employer=employer or self.sub,
                    known_from=KNOWN,
                )
            )
        self.people += made
        return made

    def sheet(
        self, month: Month, nets: dict[Engagement, Decimal], known: dt.date | None = None
    ) -> Sheet:
        employer = next(iter(nets)).employer
        known = known or (month + 1).first + dt.timedelta(days=5)
        source = feed(f"{month}_{employer.name}_工资支付表.xlsx", known)
        sheet = Sheet.objects.create(
            project=self.project,
            employer=employer,
            month=month,
            feed=source,
            known_from=known,
            people=len(nets),
            net=sum(nets.values()),
        )
        SheetLine.objects.bulk_create(
            SheetLine(
                sheet=sheet,
                engagement=person,
                row=row,
                worked_month=month,
                days=22,
                gross=net,
                net=net,
            )
            for row, (person, net) in enumerate(nets.items(), start=6)
        )
        return sheet

    def pay(
        self,
        person: Engagement,
        month: Month,
        amount: str,
        on: dt.date,
        *,
        returned: bool = False,
        known: dt.date | None = None,
    ) -> PaymentMatch:
        value = Decimal(amount)
        reference = f"{'R' if returned else 'P'}{BankEntry.objects.count():09d}"
        entry = BankEntry.objects.create(
            account=self.account,
            reference=reference,
            is_return=returned,
            booked_on=on,
            amount=value,
            is_credit=returned,
            feed_id=self.feed.pk,
            known_from=known or on,
        )
        return PaymentMatch.objects.create(
            entry=entry,
            engagement=person,
            month=month,
            amount=-value if returned else value,
            booked_on=on,
            is_return=returned,
            method="reference",
            known_from=known or on,
        )

    def covered(self, until: dt.date) -> None:
        BankStatement.objects.get_or_create(
            account=self.account, feed_id=self.feed.pk, to_date=until, known_from=until
        )

    def warn(self, rule: str, month: Month | None, amount: str = "0", **given: Any) -> Warning:
        values: dict[str, Any] = {
            "company": self.sub,
            "level": Level.ORANGE,
            "since": dt.date(2026, 4, 16),
            "opened_on": dt.date(2026, 4, 17),
            "workers": 1,
            **given,
        }
        return Warning.objects.create(
            rule=rule, project=self.project, month=month, amount=Decimal(amount), **values
        )


def feed(filename: str, day: dt.date = KNOWN) -> Feed:
    return Feed.objects.create(
        kind="payroll",
        filename=filename,
        size=1,
        sha256=f"{Feed.objects.count():064x}",
        file="feeds/none",
        received_at=dt.datetime.combine(day, dt.time(9), dt.UTC),
        received_on=day,
        status=Feed.Status.ACCEPTED,
    )


def missed_cycle(people: int = 3, month: Month = MARCH, site: Site | None = None) -> Warning:
    """An E1 warning with its facts: nobody of the sheet was paid. Net 6,000.00, 6,010.00, ..."""
    site = site or Site()
    workers = site.hire(people)
    nets = {person: Decimal(6000 + 10 * index) for index, person in enumerate(workers)}
    site.sheet(month, nets)
    site.covered(dt.date(2026, 4, 23))
    return site.warn("E1", month, str(sum(nets.values())), workers=people)


def issue(*warnings: Warning, authority: Authority, **given: Any) -> Notice:
    given = {"user": None, "issued_on": DAY, **given}
    return notices.issue("rectification", warnings, authority=authority, **given)


def text_of(notice: Notice) -> str:
    """The text without the line breaks of the layout."""
    pages = PdfReader(io.BytesIO(notices.read(notice))).pages
    return "".join("".join(page.extract_text() for page in pages).split())
