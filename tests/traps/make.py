"""Writes the text files of the traps; what they hold is made up.

    python -m tests.traps.make

Each has two rows: the first is sound, the second has the trap.
"""

import csv
import io
from pathlib import Path
from typing import Any

from tests.payroll import camt
from tests.payroll.files import SUB, card, credit_code, person, resident_id, sheet_row

FILES = Path(__file__).parent / "files"
HEADINGS = {
    "projectCode": "项目编码", "corpCode": "企业统一社会信用代码", "payMonth": "工资月份",
    "teamName": "班组名称", "workerName": "姓名", "idCardType": "证件类型",
    "idCardNumber": "身份证号", "days": "出勤天数", "totalPayAmount": "应发",
    "deductions": "扣除", "actualAmount": "实发", "payRollBankCardNumber": "工资卡号",
    "confirmedDate": "本人确认日期",
}  # fmt: skip
OLD_DISTRICT = resident_id(21, "19580101")  # 330902 was founded in 1987
UNKNOWN_PLACE = resident_id(1, "19800101", "990901")
HONG_KONG_ID = resident_id(3, "19800101", "810000")  # permit of residence, 18 digits
SMALL_X = next(n for n in range(2, 100) if person(n).endswith("X"))
REGISTERED = [  # beside the ten workers of the city
    {"idCardNumber": OLD_DISTRICT, "workerName": "陈老"},
    {"idCardNumber": UNKNOWN_PLACE, "workerName": "陈远"},
    {"idCardNumber": HONG_KONG_ID, "workerName": "陈港"},
    {"idCardNumber": person(SMALL_X), "workerName": "陈小"},
    {"idCardNumber": "H12345678", "idCardType": "10", "workerName": "陈大文"},
    {"idCardNumber": "01234567", "idCardType": "12", "workerName": "林志明"},
    {"idCardNumber": "E12345678", "idCardType": "08", "workerName": "Nguyễn Văn An"},
    {"idCardNumber": resident_id(7), "workerName": "买买提·阿不都热合曼"},
    {"idCardNumber": resident_id(8), "workerName": "𠮷田𣘺"},
]


def row(n: int, **changes: Any) -> dict[str, Any]:
    made = sheet_row(n) | {"totalPayAmount": 6000, "actualAmount": 6000} | changes
    return {name: made[name] for name in HEADINGS}


def _wide(text: str) -> str:
    return text.translate({ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789X"})


def _registered(n: int, **more: Any) -> dict[str, Any]:
    return {"payRollBankCardNumber": ""} | REGISTERED[n] | more


CHANGES: dict[str, dict[str, Any]] = {
    "id-scientific": {"idCardNumber": "3.30902E+17"},
    "id-rounded": {"idCardNumber": person(1)[:15] + "000"},
    "card-scientific": {"payRollBankCardNumber": "6.22202E+18"},
    "card-rounded": {"payRollBankCardNumber": "6222020200123456000"},
    "id-full-width": {"idCardNumber": _wide(person(1))},
    "id-check-digit": {"idCardNumber": person(1)[:-1] + "2"},
    "id-15-digits": {"idCardNumber": "330902600601001"},
    "id-17-digits": {"idCardNumber": person(1)[:17]},
    "id-birth-date": {"idCardNumber": "330902198002300015"},
    "id-letter-o": {"idCardNumber": "33O" + person(1)[3:]},
    "id-small-x": _registered(3, idCardNumber=person(SMALL_X).lower()),
    "id-unknown-place": _registered(1),
    "id-old-district": _registered(0),
    "id-hong-kong-resident": _registered(2),
    "permit-hong-kong": _registered(4),
    "permit-taiwan": _registered(5),
    "passport": _registered(6, idCardType="护照"),
    "permit-without-type": _registered(4, idCardType=""),
    "id-type-unknown": {"idCardType": "会员卡"},
    "name-dot": _registered(7, workerName="买买提•阿不都热合曼"),
    "name-beyond-bmp": _registered(8),
    "name-is-number": {"workerName": "6222020"},
    "date-chinese": {"confirmedDate": "2026年4月5日"},
    "date-text": {"confirmedDate": "三月五日"},
    "date-impossible": {"confirmedDate": "2026-02-30"},
    "date-future": {"confirmedDate": "2026-05-01"},
    "person-twice": row(0, totalPayAmount=100, actualAmount=100),
    "month-future": {"payMonth": "2026-05"},
    "month-text": {"payMonth": "三月"},
    "amount-negative": {"totalPayAmount": "-6000", "actualAmount": "-6000"},
    "amount-absurd": {"totalPayAmount": "60000000", "actualAmount": "60000000"},
    "amount-text": {"totalPayAmount": "六千"},
    "net-mismatch": {"actualAmount": "5900"},
    "project-unknown": {"projectCode": "P000"},
    "corp-unknown": {"corpCode": credit_code(77)},
    "corp-check-digit": {"corpCode": SUB[:-1] + "0"},
    "worker-unknown": {"idCardNumber": person(99)},
    "gbk": {}, "gb18030": {"workerName": "钱安一"}, "utf-16": {}, "utf-8-bom": {},
}  # fmt: skip
ENCODINGS = {"gbk": "gbk", "gb18030": "gb18030", "utf-16": "utf-16", "utf-8-bom": "utf-8-sig"}


def table(rows: list[dict[str, Any]], encoding: str = "utf-8", above: str = "") -> bytes:
    text = io.StringIO()
    text.write(above)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([HEADINGS[name] for name in rows[0]])
    writer.writerows(each.values() for each in rows)
    return text.getvalue().encode(encoding)


def files() -> dict[str, bytes]:
    """The bytes of each text file, by its name."""
    made = {
        f"{name}.csv": table([row(0), row(1, **changes)], ENCODINGS.get(name, "utf-8"))
        for name, changes in CHANGES.items()
    }
    sound = table([row(0), row(1)])
    total = dict.fromkeys(HEADINGS, "") | {"projectCode": "合计", "totalPayAmount": "12000"}
    statement = camt.message(camt.statement(camt.entry("R1", "100.00", "CRDT")))
    text = statement.decode().replace("><", ">\n<")
    head = text.partition("?>")[2]
    return made | {
        "total-row.csv": table([row(0), row(1), total | {"actualAmount": "12000"}]),
        "total-row-wrong.csv": table([row(0), row(1), total | {"actualAmount": "11000"}]),
        "month-heading.csv": table([row(0), row(1)], above="2026年2月农民工工资支付表\r\n"),
        "encoding-unknown.csv": sound[:40] + b"\x81\xff" + sound[40:],
        "utf-16-cut.csv": table([row(0)], "utf-16")[:-1],
        "half-uploaded.csv": sound[: sound.rindex(card(1).encode())],
        "half-uploaded.xml": "\n".join(text.split("\n")[:5]).encode(),
        "entities.xml": (
            '<?xml version="1.0"?>\n<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
            + head.replace("R1", "&x;")
        ).encode(),
        "entities-billion.xml": (
            '<?xml version="1.0"?>\n<!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa">'
            + "".join(
                f'<!ENTITY {new} "{f"&{old};" * 10}">'
                for old, new in zip("abcdefgh", "bcdefghi", strict=True)
            )
            + "]>"
            + head.replace("R1", "&i;")
        ).encode(),
        "comma-unquoted.csv": b"6,000,0,6000".join(sound.rsplit(b"6000,0,6000", 1)),
        "quotes-stray.csv": (
            sound.decode()
            .replace("木工", '"木工', 1)
            .replace("木工一班,钱", '木工一班",钱')
            .encode()
        ),
        "empty.csv": b"\xef\xbb\xbf\r\n",
    }


def main() -> None:
    FILES.mkdir(exist_ok=True)
    for name, content in files().items():
        (FILES / name).write_bytes(content)


if __name__ == "__main__":
    main()
