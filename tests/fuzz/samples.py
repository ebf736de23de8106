"""A sound file for each reader of files, by the reader's class and kind."""

from pathlib import Path

from payroll import column_maps, feeds
from payroll.feeds.gateway import GatewayReader
from payroll.models import ColumnMap, Terminal
from projects.models import Project
from tests.payroll import camt, files
from tests.payroll.files import csv_bytes

_FILES = Path(__file__).parent.parent / "payroll" / "files"
OWN = {
    "projectCode": "工程", "corpCode": "单位", "payMonth": "期间", "workerName": "姓名甲",
    "idCardNumber": "证件甲", "totalPayAmount": "应得", "actualAmount": "实得",
}  # fmt: skip
BANK = {
    "accountNo": "本户账号", "bookedAt": "记账日", "reference": "核心流水", "purpose": "摘要信息",
    "counterpartyName": "对手名称", "counterpartyAccount": "对手账号", "amount": "发生额",
    "direction": "借贷",
}  # fmt: skip


def _renamed(row: dict[str, str], headings: dict[str, str]) -> dict[str, str]:
    return {headings[name]: value for name, value in row.items() if name in headings}


def rows() -> dict[str, list[dict[str, str]]]:
    """The rows of the sound tables."""
    code = {"projectCode": files.PROJECT}
    return {
        "TableReader projects": [files.project_row("P330902009")],
        "PartialReader projects": [
            code | {"builderLicenseNum": "330902202501010109", "licenseDate": "2025-10-02"}
        ],
        "TableReader participants": files.participant_rows(),
        "TableReader accounts": [files.account_row(number="330900100000000009")],
        "TableReader securities": [
            code | {"kind": "deposit", "form": "cash", "amount": "1000", "validFrom": "2026-01-01"}
        ],
        "TableReader sites": [code | {"noticeBoardDate": "2026-01-01", "photo": "a.jpg"}],
        "TableReader complaints": [
            code
            | {
                "receivedAt": "2026-01-02",
                "channel": "12345",
                "complaintNo": "F1",
                "idCardNumber": files.person(1),
                "cellPhone": "13800000001",
                "people": "3",
                "amount": "9000.00",
                "text": "工资没发",
                "acceptedAt": "2026-01-05",
            }
        ],
        "TableReader indicators": [
            {"corpCode": files.GENERAL, "month": "2025-12", "kind": "gas", "value": "120.5"}
        ],
        "TableReader workers": [files.worker_row(n) for n in range(20, 23)],
        "TableReader payroll": [files.sheet_row(n) for n in range(3)],
        "TableReader bank": [files.bank_row(f"F{n}", n) for n in range(3)],
        "TableReader attendance": [files.punch_row(1, "2026-03-02 07:00:00", "01")],
        "MappedBank bank": [_renamed(files.bank_row(f"M{n}", n), BANK) for n in range(3)],
        "MappedPayroll payroll": [_renamed(files.sheet_row(n), OWN) for n in range(3)],
    }


def whole() -> dict[str, tuple[str, bytes]]:
    """File name and bytes of a sound file for each reader."""
    tables = {name: ("file.csv", csv_bytes(part)) for name, part in rows().items()}
    log = "".join(f"{n}\t2026-03-02 07:0{n}:01\t1\t0\t1\t0\r\n" for n in range(5))
    entry = camt.entry("R1", "100.00", "CRDT")
    return tables | {
        "TerminalLog attendance": ("CKU1_attlog.dat", log.encode()),
        "Camt bank": ("a.xml", camt.message(camt.statement(entry))),
        "Mt940 bank": ("a.sta", (_FILES / "mt940_structured.sta").read_bytes()),
    }


def prepare() -> None:
    """The column maps and the terminal that some of them need."""
    for kind, headings, options in (
        ("bank", BANK, {"sign": "direction", "debit_words": ["D"], "credit_words": ["C"]}),
        ("payroll", OWN, {}),
    ):
        column_maps.save_map(
            ColumnMap(name=f"{kind} 自有格式", kind=kind, headings=headings, options=options),
            user=None,
        )
    Terminal.objects.create(serial="CKU1", project=Project.objects.first())


def readers() -> set[str]:
    """The readers of files, as `samples` names them; those of calls have no file."""
    return {
        f"{type(reader).__name__} {reader.kind}"
        for reader in feeds.readers()
        if not isinstance(reader, GatewayReader)
    }
