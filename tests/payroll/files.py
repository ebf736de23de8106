"""Made-up people, companies and feed files for the tests. Serials are invented, digits check."""

import csv
import io
from collections.abc import Sequence
from typing import Any

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def resident_id(serial: int, born: str = "19800101", area: str = "330902") -> str:
    body = f"{area}{born}{serial % 1000:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def person(n: int) -> str:
    """The ID number of the n-th invented person."""
    year, day = 1960 + n // 1000 % 40, n // 40_000 % 28 + 1
    return resident_id(n, f"{year}06{day:02d}")


def card(n: int) -> str:
    body = f"62220202{n:010d}"
    total = 0
    for index, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if index % 2 == 0 else 1)
        total += value - 9 * (value > 9)
    return body + str(-total % 10)


def credit_code(n: int) -> str:
    body = f"91330900MA{n:07d}"
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    total = sum(_USCC.index(sign) * weight for sign, weight in zip(body, weights, strict=True))
    return body + _USCC[-total % 31]


OWNER, GENERAL, SUB = credit_code(1), credit_code(2), credit_code(3)
OWNER_NAME, GENERAL_NAME, SUB_NAME = (
    "定海港城置业有限公司",
    "东海建工集团有限公司",
    "海岛劳务有限公司",
)
PROJECT = "P330902001"
ACCOUNT = "330900100000000001"


def csv_bytes(
    rows: Sequence[dict[str, Any]], encoding: str = "utf-8", delimiter: str = ","
) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def project_row(code: str = PROJECT, **changes: Any) -> dict[str, Any]:
    return {
        "projectCode": code, "name": f"{code} 安置房工程", "areaCode": "330902",
        "industry": "housing", "buildCorpCode": OWNER, "buildCorpName": OWNER_NAME,
        "contractorCorpCode": GENERAL, "contractorCorpName": GENERAL_NAME,
        "approvalNum": "2025-330902-01", "builderLicenseNum": "330902202501010101",
        "licenseDate": "2025-10-01", "contractDate": "2025-09-01", "contractAmount": "80000000",
        "laborCostMonthly": "1200000", "disbursementCycleDays": "30", "payDay": "15",
        "depositRatio": "0.02", "governmentFunded": "0", "startDate": "2025-10-10",
        "completeDate": "", "prjStatus": "003", "lng": "122.1", "lat": "30.02",
    } | changes  # fmt: skip


def participant_rows(code: str = PROJECT) -> list[dict[str, Any]]:
    shared = {"projectCode": code, "parentCorpCode": "", "entryTime": "2025-10-10", "exitTime": ""}
    return [
        shared | {"corpCode": OWNER, "corpName": OWNER_NAME, "corpType": "owner"},
        shared | {"corpCode": GENERAL, "corpName": GENERAL_NAME, "corpType": "general"},
        shared
        | {"corpCode": SUB, "corpName": SUB_NAME, "corpType": "sub", "parentCorpCode": GENERAL},
    ]


def account_row(code: str = PROJECT, number: str = ACCOUNT, **changes: Any) -> dict[str, Any]:
    return {
        "projectCode": code, "accountNo": number, "bankCode": "102", "bankName": "舟山银行定海支行",
        "openDate": "2025-10-01", "closeDate": "", "agreementDate": "2025-10-01", "status": "open",
    } | changes  # fmt: skip


def worker_row(n: int, code: str = PROJECT, corp: str = SUB, **changes: Any) -> dict[str, Any]:
    return {
        "projectCode": code, "corpCode": corp, "teamName": "木工一班", "workerName": name(n),
        "idCardType": "01", "idCardNumber": person(n), "cellPhone": f"1390580{n:04d}",
        "workType": "木工", "contractDate": "2025-10-10", "entryTime": "2025-10-10", "exitTime": "",
        "unitPrice": "400", "payRollBankCardNumber": card(n), "payRollBankName": "舟山银行",
    } | changes  # fmt: skip


def name(n: int) -> str:
    return (
        "赵钱孙李周吴郑王"[n % 8]
        + "安宁和顺平福康"[n // 8 % 7]
        + "一二三四五六七八九十"[n // 56 % 10]
    )


def sheet_row(n: int, month: str = "2026-03", amount: int = 6000, **changes: Any) -> dict[str, Any]:
    return {
        "projectCode": PROJECT, "corpCode": SUB, "payMonth": month, "teamName": "木工一班",
        "workerName": name(n), "idCardType": "01", "idCardNumber": person(n), "days": "22",
        "workHours": "176", "totalPayAmount": f"{amount}.00", "deductions": "0",
        "actualAmount": f"{amount}.00", "payRollBankCardNumber": card(n),
        "payRollBankName": "舟山银行", "confirmedDate": "", "isBackPay": "0", "backPayMonth": "",
        "thirdPayRollCode": "",
    } | changes  # fmt: skip


def bank_row(reference: str, n: int | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "accountNo": ACCOUNT, "bookedAt": "2026-04-15", "amount": "6000.00", "direction": "D",
        "counterpartyName": "" if n is None else name(n),
        "counterpartyAccount": "" if n is None else card(n), "purpose": "工资",
        "reference": reference, "status": "booked", "returnReason": "",
    } | changes  # fmt: skip


def punch_row(n: int, instant: str, direction: str, code: str = PROJECT) -> dict[str, Any]:
    return {
        "projectCode": code, "idCardNumber": person(n), "date": instant, "direction": direction,
        "channel": "东门",
    }  # fmt: skip
