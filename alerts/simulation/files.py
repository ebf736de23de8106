"""The city as feed files in the real formats, each in the folder of the day on which it comes."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from alerts.simulation.bank import change, statement_xml
from alerts.simulation.plan import (
    BANK_DAYS,
    CONTRACT_AMOUNT,
    DAY,
    City,
    Crew,
    Cycle,
    Line,
    Person,
    Secured,
    Site,
)
from wagewatch.months import Month

_PAY_HEAD = {
    "teamName": "班组", "workerName": "姓名", "idCardType": "证件类型", "idCardNumber": "身份证号",
    "days": "出勤天数", "totalPayAmount": "应发", "deductions": "扣除", "actualAmount": "实发",
    "payRollBankCardNumber": "工资卡号", "payRollBankName": "开户行",
    "confirmedDate": "本人确认日期", "isBackPay": "是否补发", "backPayMonth": "补发月份",
}  # fmt: skip
_BANK_HEAD = (
    *("accountNo", "bookedAt", "amount", "direction", "counterpartyName", "counterpartyAccount"),
    *("purpose", "reference", "status", "returnReason"),
)


class Files:
    """Writes files and remembers them for the manifest, in the order in which they come."""

    def __init__(self, directory: Path, end: dt.date) -> None:
        self.directory = directory
        self.end = end
        self.listed: list[dict[str, str]] = []

    def path(self, day: dt.date, name: str, kind: str) -> Path | None:
        """Where the file goes, or None when it comes after the city's time."""
        if day > self.end:
            return None
        folder = self.directory / day.isoformat()
        folder.mkdir(parents=True, exist_ok=True)
        self.listed.append(
            {"file": f"{day.isoformat()}/{name}", "kind": kind, "received_on": day.isoformat()}
        )
        return folder / name

    def table(
        self, day: dt.date, name: str, kind: str, rows: Sequence[dict[str, Any]], encoding: str
    ) -> None:
        path = self.path(day, name, kind) if rows else None
        if path is None:
            return
        frame = pd.DataFrame(rows)
        if path.suffix == ".xlsx":
            _plain_xlsx(path, frame)
        else:
            frame.to_csv(path, index=False, encoding=encoding)


def _plain_xlsx(path: Path, frame: pd.DataFrame) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("数据")
    sheet.append(list(frame.columns))
    for row in frame.fillna("").itertuples(index=False):
        sheet.append([str(value) for value in row])
    book.save(path)


def write(city: City, directory: Path) -> None:
    files = Files(directory, city.end)
    _registry(city, files)
    _attendance(city, files)
    _bank(city, files)
    for site in city.sites:
        _sheets(site, files)
    order = ["projects", "participants", "accounts", "securities", "sites", "workers"]
    rank = {kind: place for place, kind in enumerate([*order, "attendance", "payroll", "bank"])}
    files.listed.sort(key=lambda f: (f["received_on"], rank[f["kind"]], f["file"]))
    _json(directory / "manifest.json", files.listed)
    city.truth.sort(key=lambda t: (t["from"], t["rule"], t["project"], t["company"]))
    _json(directory / "truth.json", city.truth)


def _json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")


# ---- registries


def _registry(city: City, files: Files) -> None:
    by_day: dict[dt.date, list[Site]] = defaultdict(list)
    for site in city.sites:
        by_day[site.start - 2 * DAY].append(site)
    for day, sites in sorted(by_day.items()):
        projects = [_project(s, "003", day) for s in sites]
        files.table(day, "projects.csv", "projects", projects, "gb18030")
        parties = [row for s in sites for row in _parties(s)]
        files.table(day, "participants.csv", "participants", parties, "utf-8-sig")
        workers = [_worker(*who) for s in sites for who in _workers(s)]
        files.table(day, "workers.csv", "workers", workers, "utf-8")
    _contracts(city, files)
    opened: dict[dt.date, list[dict[str, Any]]] = defaultdict(list)
    for site in city.sites:
        if site.account_open:
            opened[_registered(site)].append(_account(site))
    for day, rows in sorted(opened.items()):
        files.table(day, "accounts.csv", "accounts", rows, "utf-8")
    for site in city.sites:
        if site.complete:
            done = [_project(site, "004", site.complete)]
            files.table(site.complete, f"completed-{site.code}.csv", "projects", done, "utf-8")
    _secured(city, files)
    _endings(city, files)


def _secured(city: City, files: Files) -> None:
    """Deposits, guarantees and notice boards on the days on which their registers tell of them."""
    securities: dict[dt.date, list[dict[str, Any]]] = defaultdict(list)
    boards: dict[dt.date, list[dict[str, Any]]] = defaultdict(list)
    for site in city.sites:
        for secured in site.secured():
            securities[secured.told].append(_security(site, secured))
        if site.has_board:
            day = site.board or site.start - 2 * DAY
            boards[day].append(
                {"projectCode": site.code, "noticeBoardDate": day, "photoReference": "P1"}
            )
    for day, rows in sorted(securities.items()):
        files.table(day, "securities.xlsx", "securities", rows, "")
    for day, rows in sorted(boards.items()):
        files.table(day, "sites.csv", "sites", rows, "utf-8")


def _endings(city: City, files: Files) -> None:
    """Work that is suspended and accounts that are closed, told on their days."""
    for site in city.sites:
        if site.corrected:
            row = [_project(site, "003", site.corrected)]
            files.table(site.corrected, f"corrected-{site.code}.csv", "projects", row, "utf-8")
        for day, until in site.frozen:
            frozen = [_account(site) | {"status": "frozen"}]
            files.table(day, f"frozen-{site.code}.csv", "accounts", frozen, "utf-8")
            if until:
                released = [_account(site)]
                files.table(until, f"released-{site.code}.csv", "accounts", released, "utf-8")
        if site.suspended:
            row = [_project(site, "005", site.suspended)]
            files.table(site.suspended, f"suspended-{site.code}.csv", "projects", row, "utf-8")
        if site.account_closed:
            closed = _account(site) | {"closeDate": site.account_closed, "status": "closed"}
            name = f"closed-{site.code}.csv"
            files.table(site.account_closed, name, "accounts", [closed], "utf-8")


def _registered(site: Site) -> dt.date:
    """The day on which the account is on record: the bank's files speak of it from then on."""
    return max(site.account_open or dt.date.max, site.start - 2 * DAY)


def _project(site: Site, status: str, day: dt.date) -> dict[str, Any]:
    """The row of the projects register as told on `day`."""
    odd = {} if site.corrected and site.corrected <= day else site.facts
    return {
        "projectCode": site.code,
        "name": site.name,
        "areaCode": site.area,
        "industry": site.industry,
        "buildCorpCode": site.owner.code,
        "buildCorpName": site.owner.name,
        "contractorCorpCode": site.contractor.code,
        "contractorCorpName": site.contractor.name,
        "builderLicenseNum": f"{site.area[:6]}{site.contract:%Y%m%d}0101",
        "licenseDate": site.contract,
        "contractDate": site.contract,
        "contractAmount": f"{CONTRACT_AMOUNT:.2f}",
        "laborCostMonthly": f"{site.labour_cost:.2f}",
        "disbursementCycleDays": 30,
        "payDay": site.pay_day,
        "depositRatio": "0.015",
        "governmentFunded": "是" if site.industry in ("water", "transport") else "否",
        "startDate": site.start,
        "completeDate": site.complete if status == "004" else "",
        "prjStatus": status,
        "lng": "122.106863",
        "lat": "30.016028",
    } | odd


def _parties(site: Site) -> Iterable[dict[str, Any]]:
    companies = [(site.owner, "owner"), (site.contractor, "general")]
    companies += [(c.company, "sub") for c in site.crews if c.company is not site.contractor]
    for company, role in companies:
        yield {
            "projectCode": site.code,
            "corpCode": company.code,
            "corpName": company.name,
            "corpType": role,
            "parentCorpCode": site.contractor.code if role == "sub" else "",
            "entryTime": site.start,
            "exitTime": "",
        }


def _account(site: Site) -> dict[str, Any]:
    return {
        "projectCode": site.code,
        "accountNo": site.account,
        "bankCode": site.bank,
        "bankName": "海港银行" if site.bank == "102" else "岛城银行",
        "openDate": site.account_open,
        "closeDate": "",
        "agreementDate": site.account_open,
        "status": "open",
    }


def _security(site: Site, secured: Secured) -> dict[str, Any]:
    return {
        "projectCode": site.code,
        "kind": secured.kind,
        "form": "bank guarantee",
        "amount": f"{secured.amount:.2f}",
        "issuer": secured.issuer,
        "validFrom": secured.valid_from,
        "validTo": secured.valid_to,
    }


def _workers(site: Site) -> Iterable[tuple[Site, Crew, Person, dt.date | None]]:
    """Everybody on the site's books, with the contract as it is told at the start."""
    for crew in site.crews:
        for person in crew.people:
            yield site, crew, person, None if person.contract_told else person.contract


def _contracts(city: City, files: Files) -> None:
    """Contracts of which the registry is told later, on their days."""
    told: dict[dt.date, list[dict[str, Any]]] = defaultdict(list)
    for site in city.sites:
        for _, crew, person, _ in _workers(site):
            if person.contract_told:
                row = _worker(site, crew, person, person.contract)
                told[person.contract_told].append(row)
    for day, rows in sorted(told.items()):
        files.table(day, "contracts.csv", "workers", rows, "utf-8")


def _worker(site: Site, crew: Crew, person: Person, contract: dt.date | None) -> dict[str, Any]:
    return {
        "projectCode": site.code,
        "corpCode": crew.company.code,
        "teamName": f"{crew.trade}班组",
        "workerName": person.name,
        "idCardType": person.id_type,
        "idCardNumber": person.id_number,
        "cellPhone": person.phone,
        "workType": crew.trade,
        "contractDate": contract or "",
        "entryTime": person.entry,
        "exitTime": person.leave or "",
        "unitPrice": person.rate,
        "payRollBankCardNumber": person.card,
        "payRollBankName": "岛城银行",
    }


# ---- attendance


def _attendance(city: City, files: Files) -> None:
    """Two vendors' punch files; in at seven, out at half past five, give or take."""
    days: dict[tuple[dt.date, int], list[tuple[str, str, str, dt.date]]] = defaultdict(list)
    for number, site in enumerate(city.sites):
        for person, attended in site.attended.items():
            for day in attended:
                known = site.attendance_known.get(day, city.attendance_known(day))
                if known is not None and known <= city.end:
                    days[known, number % 2].append(
                        (site.code, person.id_type, person.id_number, day)
                    )
    noise = np.random.default_rng(city.random.randrange(2**32))
    for (known, vendor), rows in sorted(days.items()):
        path = files.path(known, f"gate-{vendor + 1}.csv", "attendance")
        if path is not None:
            _punches(sorted(rows), noise).to_csv(path, index=False)


def _punches(rows: list[tuple[str, str, str, dt.date]], noise: np.random.Generator) -> pd.DataFrame:
    codes, types, numbers, days = zip(*rows, strict=True)
    midnight = np.array(days, dtype="datetime64[s]")
    parts = []
    for direction, second in (("01", 7 * 3600), ("02", 17 * 3600 + 1800)):
        at = midnight + (second + noise.integers(-1500, 1500, len(rows))).astype("timedelta64[s]")
        text = np.char.replace(np.datetime_as_string(at), "T", " ")
        parts.append(
            pd.DataFrame(
                {
                    "projectCode": codes,
                    "idCardType": types,
                    "idCardNumber": numbers,
                    "date": text,
                    "direction": direction,
                    "channel": "东门",
                }
            )
        )
    return pd.concat(parts)


# ---- pay sheets


def _sheets(site: Site, files: Files) -> None:
    for number, cycle in enumerate(site.cycles):
        place = site.crews.index(cycle.crew) + 1
        for version, (received, lines) in enumerate(cycle.versions, start=1):
            suffix = f"-v{version}" if version > 1 else ""
            stem = f"payroll-{site.code}-{place}-{cycle.month}{suffix}"
            template = (number + len(site.code)) % 5 != 0
            name = f"{stem}.xlsx" if template else f"{stem}.csv"
            path = files.path(received, name, "payroll")
            if path is None:
                continue
            confirmed = received - DAY
            if template:
                _template(path, site, cycle, lines, confirmed)
            else:
                rows = [
                    {
                        "projectCode": site.code,
                        "corpCode": cycle.crew.company.code,
                        "payMonth": str(cycle.month),
                        **_line(cycle, line, confirmed),
                    }
                    for line in lines
                ]
                pd.DataFrame(rows).to_csv(path, index=False, encoding="utf-8")


def _line(cycle: Cycle, line: Line, confirmed: dt.date) -> dict[str, Any]:
    return {
        "teamName": f"{cycle.crew.trade}班组",
        "workerName": line.written or line.person.name,
        "idCardType": line.person.id_type,
        "idCardNumber": line.person.id_number,
        "days": line.days,
        "totalPayAmount": line.gross,
        "deductions": line.deductions,
        "actualAmount": line.net,
        "payRollBankCardNumber": line.card,
        "payRollBankName": "岛城银行",
        "confirmedDate": (line.signed_on or confirmed) if line.signed else "",
        "isBackPay": 1 if line.back_pay else 0,
        "backPayMonth": str(line.back_pay) if line.back_pay else "",
    }


def _template(path: Path, site: Site, cycle: Cycle, lines: list[Line], confirmed: dt.date) -> None:
    """The company template: title, heading block, table, total row."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "工资支付表"
    width = len(_PAY_HEAD)
    sheet.append([f"{cycle.month.year}年{cycle.month.number}月农民工工资支付表"])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    sheet["A1"].font = Font(bold=True, size=14)
    sheet["A1"].alignment = Alignment(horizontal="center")
    sheet.append(["项目编码", site.code, "", "项目名称", site.name])
    sheet.append(
        ["统一社会信用代码", cycle.crew.company.code, "", "企业名称", cycle.crew.company.name]
    )
    sheet.append(["所属月份", str(cycle.month)])
    sheet.append(list(_PAY_HEAD.values()))
    for line in lines:
        sheet.append(list(_line(cycle, line, confirmed).values()))
    totals = {
        "totalPayAmount": sum(line.gross for line in lines),
        "deductions": sum(line.deductions for line in lines),
        "actualAmount": sum(line.net for line in lines),
    }
    sheet.append(["合计", *(totals.get(name, "") for name in list(_PAY_HEAD)[1:])])
    book.save(path)


# ---- banks


def _bank(city: City, files: Files) -> None:
    for month in [city.months[0] - 1, *city.months]:
        before = month.first - DAY
        for day in [*(month.first.replace(day=d) for d in BANK_DAYS), month.last]:
            _bank_day(city, files, before, day)
            before = day


def _bank_day(city: City, files: Files, before: dt.date, day: dt.date) -> None:
    """What both banks send of the days after `before` up to `day`, when the files come."""
    open_sites = [
        s
        for s in city.sites
        if _registered(s) <= day and (s.account_closed or dt.date.max) > before
    ]
    rows = [row for s in open_sites if s.bank == "102" for row in _exported(s, before, day)]
    comes = city.bank_known(day)
    files.table(comes, "bank-b.csv", "bank", rows, "utf-8")
    stated = [s for s in open_sites if s.bank == "103"]
    path = files.path(comes, "bank-a.xml", "bank") if stated else None
    if path is not None:
        period = [(s, _movements(s, before, day), _balance(s, before)) for s in stated]
        path.write_bytes(statement_xml(period, before + DAY, day))


def _exported(site: Site, after: dt.date, until: dt.date) -> list[dict[str, Any]]:
    """What a bank's table says of an account: its movements, or that there were none."""
    nothing = dict.fromkeys(_BANK_HEAD, "")
    nothing |= {"accountNo": site.account, "bookedAt": str(until), "status": "none"}
    return _movements(site, after, until) or [nothing]


def _balance(site: Site, day: dt.date) -> Decimal:
    """Of the account at the end of `day`."""
    return sum((change(row) for row in _movements(site, dt.date.min, day)), Decimal(0))


def _movements(site: Site, after: dt.date, until: dt.date) -> list[dict[str, Any]]:
    """Bank CSV rows of the movements with after < day <= until, in their order."""
    rows = []
    for number, payment in enumerate(site.payments):
        row = {
            "accountNo": site.account,
            "bookedAt": payment.day,
            "amount": payment.amount,
            "direction": "C" if payment.credit else "D",
            "counterpartyName": payment.name,
            "counterpartyAccount": payment.number,
            "purpose": payment.purpose,
            "reference": f"{site.account[-6:]}{number:06d}",
            "status": "booked",
            "returnReason": "",
        }
        if after < payment.day <= until:
            rows.append(row)
        if payment.returned and after < payment.returned <= until:
            rows.append(
                row | {"bookedAt": payment.returned, "status": "returned",
                       "returnReason": "账户已注销"}
            )  # fmt: skip
    return sorted(rows, key=lambda r: (r["bookedAt"], r["reference"], r["status"]))


def months_until(end: Month, count: int) -> list[Month]:
    return [end - place for place in reversed(range(count))]
