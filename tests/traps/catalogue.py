"""Every trap of bad input: a small file of its own, and what is said of it.

Text files stand in `files/`, workbooks and damaged archives are made by `books.py`. A row here is
read by `test_traps.py`, which sends the file through the whole pipeline and looks at the report in
both languages, as JSON, on the page, and as the sender's own file with the cells marked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.traps import books

FILES = Path(__file__).parent / "files"


@dataclass(frozen=True)
class Trap:
    """A file and what must be said of it: `code` (empty: nothing), `row`, `column` as headed in
    the file, `value` as shown (numbers masked), and words of the message in both languages.

    `taken` says whether the file is accepted all the same.
    """

    name: str
    code: str
    row: int | None = None
    column: str = ""
    value: str = ""
    zh: str = ""
    en: str = ""
    taken: bool = False
    made: Callable[[], bytes] | None = None

    @property
    def content(self) -> bytes:
        return self.made() if self.made else (FILES / self.name).read_bytes()

    def __str__(self) -> str:
        return self.name


ID, NAME, CARD = "身份证号", "姓名", "工资卡号"
DUE, PAID, MONTH, DAY = "应发", "实发", "工资月份", "本人确认日期"


TRAPS = [
    # numbers that Excel spoilt
    Trap("id-scientific.csv", "id-scientific", 3, ID, "3.30***E+17", "科学计数", "scientific"),
    Trap("id-scientific.xlsx", "id-scientific", 3, ID, "3.30************E+17", "科学计数",
         "scientific", made=books.id_as_number),
    Trap("id-rounded.csv", "id-rounded", 3, ID, "3309**********0000", "变成了 0", "zeros"),
    Trap("card-scientific.csv", "card-scientific", 3, CARD, "**** E+18", "科学计数", "scientific"),
    Trap("card-rounded.csv", "card-rounded", 3, CARD, "**** 6000", "变成了 0", "zeros"),
    # the numbers of persons
    Trap("id-full-width.csv", "number-fullwidth", 3, ID, "３３０９**********００１１", "全角",
         "full-width", taken=True),
    Trap("id-check-digit.csv", "id-checksum", 3, ID, "3309**********0012", "校验码", "check digit"),
    Trap("id-15-digits.csv", "id-15", 3, ID, "3309*******1001", "15 位", "15-digit"),
    Trap("id-17-digits.csv", "id-length", 3, ID, "3309*********1001", "18 位", "18 digits"),
    Trap("id-birth-date.csv", "id-date", 3, ID, "3309**********0015", "出生日期", "birth date"),
    Trap("id-letter-o.csv", "id-characters", 3, ID, "33O9**********0011", "不允许的字符",
         "do not belong"),
    Trap("id-small-x.csv", "id-small-x", 3, ID, "3309**********002x", "小写 x", "small x",
         taken=True),
    Trap("id-unknown-place.csv", "id-place", 3, ID, "9909**********0018", "行政区划",
         "no known district", taken=True),
    Trap("id-old-district.csv", "", taken=True),
    Trap("id-hong-kong-resident.csv", "", taken=True),
    Trap("permit-hong-kong.csv", "", taken=True),
    Trap("permit-taiwan.csv", "", taken=True),
    Trap("passport.csv", "", taken=True),
    Trap("permit-without-type.csv", "id-permit", 3, ID, "H123*5678", "通行证", "travel permit"),
    Trap("id-type-unknown.csv", "id-type", 3, "证件类型", "会员卡", "无法识别", "not known"),
    Trap("name-dot.csv", "", taken=True),
    Trap("name-beyond-bmp.csv", "", taken=True),
    Trap("name-is-number.csv", "name-text", 3, NAME, "6222020", "不像姓名", "look like a name"),
    # dates
    Trap("date-chinese.csv", "", taken=True),
    Trap("date-text.csv", "date-format", 3, DAY, "三月五日", "2026-03-05", "2026-03-05"),
    Trap("date-impossible.csv", "date-format", 3, DAY, "2026-02-30", "2026-03-05", "2026-03-05"),
    Trap("date-future.csv", "date-future", 3, DAY, "2026-05-01", "晚于收到", "later than"),
    Trap("date-serial-1900.xlsx", "date-serial", 3, DAY, "46117", "已按 2026-04-05", "2026-04-05",
         taken=True, made=books.date_serial),
    Trap("date-serial-1904.xlsx", "date-serial", 3, DAY, "44655", "已按 2026-04-05", "2026-04-05",
         taken=True, made=books.date_serial_1904),
    # rows
    Trap("total-row.csv", "", taken=True),
    Trap("total-row-wrong.csv", "total-mismatch", 4, PAID, "11000", "合计行", "total row"),
    Trap("rows-hidden.xlsx", "rows-hidden", 3, "", "", "隐藏的行", "Hidden rows", taken=True,
         made=books.hidden_row),
    Trap("formula-no-value.xlsx", "formula-no-value", 3, PAID, "", "没有保存计算结果",
         "without a saved result", made=books.formula_without_value),
    Trap("person-twice.csv", "worker-twice", 3, ID, "3309**********0003", "出现两次",
         "stands twice"),
    # encodings
    Trap("gbk.csv", "", taken=True),
    Trap("gb18030.csv", "", taken=True),
    Trap("utf-16.csv", "", taken=True),
    Trap("utf-8-bom.csv", "", taken=True),
    Trap("encoding-unknown.csv", "encoding-unknown", None, "", "", "文字编码", "encoding"),
    Trap("utf-16-cut.csv", "encoding-broken", None, "", "", "UTF-16", "UTF-16"),
    # month and money
    Trap("month-heading.csv", "month-heading", 4, MONTH, "2026-03", "2026-02", "2026-02"),
    Trap("month-future.csv", "month-future", 3, MONTH, "2026-05", "还没有到", "not come yet"),
    Trap("month-text.csv", "month-format", 3, MONTH, "三月", "2026-03", "2026-03"),
    Trap("amount-negative.csv", "amount-negative", 3, DUE, "-6000", "负数", "negative"),
    Trap("amount-absurd.csv", "amount-absurd", 3, DUE, "60000000", "过大", "too large"),
    Trap("amount-text.csv", "amount-text", 3, DUE, "六千", "不是数字", "not a number"),
    Trap("net-mismatch.csv", "net-mismatch", 3, PAID, "5900", "6000.00", "6000.00"),
    # what is not registered
    Trap("project-unknown.csv", "project-unknown", 3, "项目编码", "P000", "没有项目",
         "no project"),
    Trap("corp-unknown.csv", "corp-unknown", 3, "企业统一社会信用代码", "91330900MA0000077J",
         "没有登记", "No company"),
    Trap("corp-check-digit.csv", "corp-code", 3, "企业统一社会信用代码", "91330900MA00000030",
         "校验码", "check character"),
    Trap("worker-unknown.csv", "worker-unknown", 3, ID, "3309**********0994", "未在实名制登记",
         "real-name registry"),
    # files
    Trap("password.xlsx", "file-encrypted", None, "", "", "密码", "password",
         made=books.with_password),
    Trap("password-zip.xlsx", "file-encrypted", None, "", "", "密码", "password",
         made=books.zip_with_password),
    Trap("password.xls", "file-encrypted", None, "", "", "密码", "password",
         made=books.old_with_password),
    Trap("half-uploaded.xlsx", "file-truncated", None, "", "", "没有传完整", "completely",
         made=books.half_uploaded),
    Trap("half-uploaded.csv", "csv-cut", 3, "", "", "没有传完整", "completely"),
    Trap("comma-unquoted.csv", "csv-broken", 3, "", "", "列数多于表头", "more cells"),
    Trap("quotes-stray.csv", "csv-quotes", 2, "", "", "引号", "quotation marks"),
    Trap("half-uploaded.xml", "xml-broken", 5, "", "", "不完整", "incomplete"),
    Trap("zip-bomb.xlsx", "zip-bomb", None, "", "", "过大", "implausibly", made=books.zip_bomb),
    Trap("zip-lying.xlsx", "file-truncated", None, "", "", "没有传完整", "completely",
         made=books.lying_archive),
    Trap("entities.xml", "xml-doctype", None, "", "", "实体", "entities"),
    Trap("entities-billion.xml", "xml-doctype", None, "", "", "实体", "entities"),
    Trap("empty.csv", "file-empty", None, "", "", "空的", "empty"),
]  # fmt: skip
