# ruff: noqa: E501
"""The wording of every issue code: what is wrong, and what to do. Placeholders come from `values`.

{column} and {value} are the cell's; personal numbers are masked before they come here.
"""

from typing import Any

from payroll.checks.messages_attendance import ATTENDANCE
from payroll.checks.messages_bank import BANK
from payroll.checks.messages_society import SOCIETY
from payroll.checks.messages_sources import SOURCES
from wagewatch.bilingual import Text

FALLBACK = Text(
    "{column}：数据有误（{value}）。请更正。", "{column}: wrong value ({value}). Correct it."
)


class _Values(dict[str, Any]):
    """Placeholders without a value stay empty: a message must never fail."""

    def __missing__(self, key: str) -> str:
        return ""


def render(issue: Any) -> Text:
    """The message of an Issue or FeedIssue in both languages."""
    text = MESSAGES.get(issue.code, FALLBACK)
    values = _Values(issue.values) | {
        "column": issue.column,
        "value": issue.value,
        "row": issue.row,
        "sheet": issue.sheet,
    }
    values = _Values(values)
    return Text(text.zh.format_map(values), text.en.format_map(values))


MESSAGES: dict[str, Text] = {
    **BANK,
    **ATTENDANCE,
    **SOURCES,
    **SOCIETY,
    # the file
    "file-empty": Text(
        "文件是空的。请重新导出后上传。", "The file is empty. Export it again and upload it."
    ),
    "file-type": Text(
        "不是可读取的文件。请上传 XLSX、CSV、camt.053/054 XML 或 MT940。",
        "Not a file that can be read. Upload XLSX, CSV, camt.053 or camt.054 XML, or MT940.",
    ),
    "file-large": Text(
        "文件超过 {limit} MB。请分成几个文件上传。",
        "The file is larger than {limit} MB. Split it into several files.",
    ),
    "file-encrypted": Text(
        "文件有密码保护。请在 Excel 中取消密码后另存再上传。",
        "The file is protected by a password. Remove the password in Excel, save and upload it again.",
    ),
    "file-truncated": Text(
        "文件损坏或没有传完整。请打开确认后重新上传。",
        "The file is damaged or was not uploaded completely. Check that it opens, then upload it again.",
    ),
    "zip-bomb": Text(
        "文件解压后过大（{unpacked} MB，上限 {limit} MB）。请删除多余的空白行和图片后另存再上传。",
        "The file unpacks to {unpacked} MB (limit {limit} MB) or is packed implausibly. Remove blank "
        "rows and pictures, save and upload it again.",
    ),
    "encoding-unknown": Text(
        "无法识别文字编码。请另存为“CSV UTF-8”或 XLSX 再上传。",
        "The text encoding is not recognised. Save as “CSV UTF-8” or XLSX and upload it again.",
    ),
    "encoding-broken": Text(
        "文件标明编码为 {encoding}，但内容不符，可能没有传完整。请另存为“CSV UTF-8”再上传。",
        "The file says that it is {encoding}, but its content is not; it may be incomplete. Save as "
        "“CSV UTF-8” and upload it again.",
    ),
    "csv-broken": Text(
        "CSV 第 {row} 行起无法读取：列数多于表头，或引号没有成对。请检查该行。",
        "The CSV cannot be read from row {row} on: more cells than headings, or a quotation mark "
        "that is not closed. Check that row.",
    ),
    "csv-quotes": Text(
        "CSV 第 {row} 行的一个单元格里含有 {lines} 行数据：有单独的引号把这些行连成了一格。请删去该行起多余的引号。",
        "A cell of CSV row {row} holds {lines} rows of data: stray quotation marks made one cell of "
        "them. Remove the quotation marks that do not belong from that row on.",
    ),
    "csv-cut": Text(
        "最后一行（第 {row} 行）只有 {found} 列，应有 {expected} 列，且没有换行：文件可能没有传完整。请重新上传。",
        "The last row ({row}) has {found} cells instead of {expected} and no line end: the file was "
        "probably not uploaded completely. Upload it again.",
    ),
    "xml-doctype": Text(
        "XML 含有文档类型声明（DTD 或实体），出于安全不予读取。请用银行原始文件。",
        "The XML has a document type declaration (DTD or entities) and is refused for safety. Use "
        "the bank's original file.",
    ),
    "xml-broken": Text(
        "XML 第 {row} 行不完整或有语法错误。请重新从银行下载。",
        "The XML is incomplete or malformed at line {row}. Download it from the bank again.",
    ),
    "xml-unknown": Text(
        "不认识的 XML。银行流水请用 camt.053 或 camt.054，.001.02 至 .13。",
        "Unknown XML. Bank feeds must be camt.053 or camt.054, .001.02 to .13.",
    ),
    "xml-version": Text(
        "不支持 {value}。请用 camt.053 或 camt.054，.001.02 至 .13。",
        "{value} is not supported. Use camt.053 or camt.054, .001.02 to .13.",
    ),
    "kind-unknown": Text(
        "无法从表头判断是哪一类数据。请使用模板的表头，或指明类别（{kinds}）。",
        "The headings do not show which kind of data this is. Use the template's headings, or name "
        "the kind ({kinds}).",
    ),
    "kind-name": Text(
        "没有“{value}”这一类数据。可用：{kinds}。", "There is no kind “{value}”. Known: {kinds}."
    ),
    "kind-other": Text("文件内容不是“{kind}”类数据。", "The file is not of the kind “{kind}”."),
    "kind-not-allowed": Text(
        "您的账号不能报送“{kind}”类数据。",
        "Your account may not send data of the kind “{kind}”.",
    ),
    "heading-missing": Text(
        "缺少必需的列：{missing}。", "Required columns are missing: {missing}."
    ),
    "heading-twice": Text(
        "表头“{column}”出现两次。请删去多余的一列。",
        "The heading “{column}” stands twice. Delete the surplus column.",
    ),
    "no-rows": Text("表头以下没有数据行。", "There are no rows of data below the headings."),
    "internal": Text(
        "系统处理出错，文件已保存，未导入任何数据。请稍后重试或联系管理员。",
        "The system failed while processing. The file is kept and nothing was loaded. Try again "
        "later or call the administrator.",
    ),
    "gateway-secret": Text(
        "签名所用的密钥已经更换，无法解密。请用新密钥重新报送。",
        "The secret that signed this call has been rotated away. Send it again with the new one.",
    ),
    "gateway-cipher": Text(
        "“{column}”无法解密。应为 AES-256-CBC、PKCS7、Base64，密钥为 appsecret，向量为其前 16 位。",
        "“{column}” cannot be decrypted. It must be AES-256-CBC, PKCS7, base64, with the appsecret "
        "as key and its first 16 characters as IV.",
    ),
    # hints on the file
    "columns-ignored": Text("以下列未使用：{columns}。", "These columns are not used: {columns}."),
    "sheet-ignored": Text(
        "工作表“{sheet}”没有可识别的表头或已隐藏，未读取。",
        "The sheet “{sheet}” has no known headings or is hidden; it was not read.",
    ),
    "rows-hidden": Text(
        "隐藏的行也已读取：第 {rows} 行。请确认它们确属本表。",
        "Hidden rows were read too: {rows}. Make sure that they belong to the table.",
    ),
    # any cell
    "missing": Text("缺少“{column}”。请填写。", "“{column}” is empty. Fill it in."),
    "formula-no-value": Text(
        "“{column}”是公式但没有保存计算结果。请在 Excel 中打开、保存后再上传，或粘贴为数值。",
        "“{column}” is a formula without a saved result. Open and save the file in Excel, or paste "
        "the cell as a value.",
    ),
    "text-long": Text(
        "“{column}”超过 {limit} 个字符。", "“{column}” is longer than {limit} characters."
    ),
    "choice": Text(
        "“{column}”的值“{value}”不在允许范围。可用：{allowed}。",
        "“{value}” is not a value of “{column}”. Allowed: {allowed}.",
    ),
    "number-range": Text(
        "“{column}”的值 {value} 应在 {low} 至 {high} 之间。",
        "“{column}” is {value}; it must be between {low} and {high}.",
    ),
    "number-fullwidth": Text(
        "“{column}”含全角字符，已按半角读取。",
        "“{column}” has full-width characters; they were read as half-width.",
    ),
    "row-twice": Text(
        "与前面的一行重复（{column}：{value}）。请删去一行。",
        "Repeats an earlier row ({column}: {value}). Delete one of them.",
    ),
    # persons
    "id-missing": Text("缺少证件号码。请填写。", "The ID number is empty. Fill it in."),
    "id-scientific": Text(
        "证件号码被 Excel 变成了科学计数（{value}），后几位已丢失。请将该列设为“文本”后重新填写完整号码。",
        "Excel turned the ID number into scientific notation ({value}) and its last digits are lost. "
        "Format the column as Text and enter the full number again.",
    ),
    "id-rounded": Text(
        "证件号码末尾被 Excel 变成了 0（{value}）。请将该列设为“文本”后重新填写。",
        "Excel rounded the end of the ID number to zeros ({value}). Format the column as Text and "
        "enter it again.",
    ),
    "id-15": Text(
        "这是 15 位旧身份证号（{value}）。请填写 18 位号码。",
        "This is an old 15-digit ID number ({value}). Enter the 18-digit number.",
    ),
    "id-length": Text(
        "身份证号应为 18 位（{value}）。若为其他证件，请填写证件类型。",
        "A resident ID number has 18 digits ({value}). For another document fill in its type.",
    ),
    "id-characters": Text(
        "证件号码含有不允许的字符（{value}）。",
        "The ID number has characters that do not belong there ({value}).",
    ),
    "id-date": Text(
        "身份证号中的出生日期不存在（{value}）。请核对。",
        "The birth date inside the ID number does not exist ({value}). Check it.",
    ),
    "id-checksum": Text(
        "身份证号校验码不符（{value}）。请对照证件核对每一位。",
        "The check digit of the ID number is wrong ({value}). Compare every digit with the card.",
    ),
    "id-permit": Text(
        "这像是通行证或护照号码（{value}），而证件类型是居民身份证。请填写证件类型：08 护照，10 港澳居民来往内地通行证，12 台湾居民来往大陆通行证。",
        "This looks like the number of a travel permit or passport ({value}), but the type says "
        "resident ID. Fill in the type: 08 passport, 10 permit of Hong Kong and Macau residents, 12 "
        "permit of Taiwan residents.",
    ),
    "id-place": Text(
        "身份证号（{value}）前六位不是已知的行政区划。号码已按原样读取，请对照证件核对。",
        "The first six digits of the ID number ({value}) are no known district. The number was taken "
        "as it stands; compare it with the card.",
    ),
    "id-small-x": Text(
        "有 {count} 个身份证号末位是小写 x（如 {value}），已按大写 X 读取。",
        "ID numbers that end with a small x: {count} (such as {value}). It was read as X.",
    ),
    "id-type": Text(
        "证件类型“{value}”无法识别。01 居民身份证，08 护照，10 港澳居民来往内地通行证，12 台湾居民来往大陆通行证。",
        "The type of document “{value}” is not known: 01 resident ID, 08 passport, 10 permit of Hong "
        "Kong and Macau residents, 12 permit of Taiwan residents.",
    ),
    "name-text": Text("姓名“{value}”不像姓名。", "“{value}” does not look like a name."),
    "worker-unknown": Text(
        "该证件号（{value}）未在实名制登记。请先登记此工人，或更正号码。",
        "This ID number ({value}) is not in the real-name registry. Register the worker first, or "
        "correct the number.",
    ),
    "worker-elsewhere": Text(
        "该工人（{value}）未登记在本项目的这家用人单位名下。请更正用人单位，或先办理登记。",
        "This worker ({value}) is not registered with this employer on this project. Correct the "
        "employer or register the worker first.",
    ),
    "worker-twice": Text(
        "同一工人（{value}）在本表同一月份出现两次，另见第 {other} 行。请合并为一行。",
        "The same worker ({value}) stands twice for one month; see row {other}. Make it one row.",
    ),
    "worker-name": Text(
        "姓名“{value}”与实名登记“{known}”不一致。请核对。",
        "The name “{value}” differs from the registry's “{known}”. Check it.",
    ),
    # cards
    "card-scientific": Text(
        "卡号被 Excel 变成了科学计数，后几位已丢失。请将该列设为“文本”后重新填写完整卡号。",
        "Excel turned the card number into scientific notation and its last digits are lost. Format "
        "the column as Text and enter the full number again.",
    ),
    "card-rounded": Text(
        "卡号末尾被 Excel 变成了 0（{value}）。请将该列设为“文本”后重新填写。",
        "Excel rounded the end of the card number to zeros ({value}). Format the column as Text and "
        "enter it again.",
    ),
    "card-characters": Text(
        "卡号应为 12 至 30 位数字（{value}）。", "A card number has 12 to 30 digits ({value})."
    ),
    "card-checksum": Text(
        "卡号校验位不符（{value}）。请对照银行卡核对。",
        "The check digit of the card number is wrong ({value}). Compare it with the card.",
    ),
    # projects and companies
    "project-unknown": Text(
        "没有项目“{value}”，或您无权为其报送。请核对项目编码。",
        "There is no project “{value}”, or you may not send data for it. Check the project code.",
    ),
    "project-code": Text(
        "项目编码“{value}”只能含字母、数字、- 和 _，最长 32 位。",
        "The project code “{value}” may only have letters, digits, - and _, up to 32 of them.",
    ),
    "corp-code": Text(
        "统一社会信用代码“{value}”不正确（18 位，含校验码）。",
        "The unified social credit code “{value}” is wrong (18 characters with a check character).",
    ),
    "corp-unknown": Text(
        "没有登记信用代码为“{value}”的企业。",
        "No company with the credit code “{value}” is registered.",
    ),
    "corp-not-on-project": Text(
        "企业“{value}”不是本项目的总承包或分包单位，或您无权为其报送。",
        "The company “{value}” is neither general contractor nor subcontractor of this project, or "
        "you may not send data for it.",
    ),
    "heading-differs": Text(
        "“{column}”（{value}）与表上方填写的“{expected}”不一致。",
        "“{column}” ({value}) differs from “{expected}” above the table.",
    ),
    "area-unknown": Text(
        "行政区划代码“{value}”不在本市名录（6 位或 9 位）。",
        "The area code “{value}” is not one of the city's (6 or 9 digits).",
    ),
    "area-code": Text(
        "行政区划代码“{value}”不是 6 位、9 位或 12 位数字代码（GB/T 2260）。",
        "The area code “{value}” is not of 6, 9 or 12 digits (GB/T 2260).",
    ),
    "account-unknown": Text(
        "账号“{value}”未登记为工资专用账户。请先报送专户信息。",
        "“{value}” is not a registered dedicated wage account. Send the `accounts` feed first.",
    ),
    "account-number": Text(
        "账号“{value}”格式不正确。", "The account number “{value}” is malformed."
    ),
    "account-elsewhere": Text(
        "账号“{value}”已登记在另一项目名下。一个专户只能对应一个项目。",
        "The account “{value}” is registered for another project. A dedicated account serves one.",
    ),
    # dates and months
    "date-format": Text(
        "“{column}”的日期“{value}”无法识别。请写成 2026-03-05。",
        "The date “{value}” in “{column}” cannot be read. Write it as 2026-03-05.",
    ),
    "date-range": Text("日期“{value}”不合理。", "The date “{value}” is implausible."),
    "date-future": Text(
        "“{column}”（{value}）晚于收到文件的日期 {latest}。",
        "“{column}” ({value}) is later than {latest}, the day the file was received.",
    ),
    "date-serial": Text(
        "“{column}”有 {count} 个单元格是日期序号（如 {value}），已按 {date} 读取。",
        "“{column}” has {count} cells with day numbers (such as {value}), read as {date}.",
    ),
    "team-unknown": Text(
        "本项目该企业没有编号为 {value} 的班组。",
        "This company has no team {value} on this project.",
    ),
    "corp-name-other": Text(
        "信用代码 {value} 已登记为“{known}”，名称未更改。",
        "The credit code {value} is registered as “{known}”; the name was not changed.",
    ),
    "role-not-allowed": Text(
        "接口只能登记分包单位；建设单位和总承包单位由主管部门登记。",
        "Only subcontractors can be registered here; owner and general contractor come from the "
        "authority.",
    ),
    "dates-reversed": Text("退场日期早于进场日期。", "The exit date is before the entry date."),
    "month-format": Text(
        "月份“{value}”无法识别。请写成 2026-03。",
        "The month “{value}” cannot be read. Write it as 2026-03.",
    ),
    "month-future": Text(
        "月份“{value}”还没有到（收到文件的月份为 {latest}）。",
        "The month “{value}” has not come yet (the file was received in {latest}).",
    ),
    "month-heading": Text(
        "该行月份“{value}”与表头月份 {expected} 不一致。",
        "The month “{value}” of this row differs from {expected} in the heading.",
    ),
    "back-month": Text(
        "补发行必须填写补发月份。", "A back-pay row needs the month that it is paid for."
    ),
    "back-month-late": Text(
        "补发月份“{value}”应早于本表月份。",
        "The back-pay month “{value}” must be before the month of the sheet.",
    ),
    "cash-reason": Text(
        "现金发放必须写明原因（如：本人无银行卡）。",
        "A wage paid in cash needs a reason (the worker has no card, say).",
    ),
    "cash-card": Text(
        "该行写明现金发放，但填有工资卡号。有卡的应通过专户发放到卡。",
        "The row says cash, yet it names a card. A worker with a card is paid to the card.",
    ),
    # amounts
    "amount-text": Text(
        "“{column}”的值“{value}”不是数字。", "“{value}” in “{column}” is not a number."
    ),
    "amount-decimals": Text(
        "“{column}”的金额 {value} 超过两位小数。",
        "The amount {value} in “{column}” has more than two decimal places.",
    ),
    "amount-negative": Text(
        "“{column}”为负数（{value}）。扣减请填在“扣除”列。",
        "“{column}” is negative ({value}). Put what is taken off under deductions.",
    ),
    "amount-absurd": Text(
        "“{column}”的金额 {value} 过大（上限 {limit} 元）。请核对是否多写了位数。",
        "The amount {value} in “{column}” is too large (limit {limit} CNY). Check for a digit too many.",
    ),
    "net-mismatch": Text(
        "实发 {value} 不等于应发减扣除（应为 {expected}）。",
        "The amount paid {value} is not due minus deductions (it would be {expected}).",
    ),
    "total-mismatch": Text(
        "合计行“{column}”为 {value}，而各行相加为 {expected}。请核对是否漏行或改错。",
        "The total row says {value} for “{column}”, but the rows add up to {expected}. Look for a "
        "missing or changed row.",
    ),
    "days-absurd": Text("出勤天数 {value} 超过 31 天。", "{value} days are more than a month has."),
    "hours-absurd": Text(
        "工时 {value} 超过全月小时数。", "{value} hours are more than a month has."
    ),
}
