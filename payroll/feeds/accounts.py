"""Registry feed `accounts`: dedicated wage accounts 农民工工资专用账户."""

from payroll.feeds.base import Field, register
from payroll.feeds.table import TableReader

FIELDS = [
    Field("projectCode", "项目编码", "项目编号", "工程编码"),
    Field("accountNo", "专户账号", "账号", "专用账户账号"),
    Field("bankCode", "银行代码"),
    Field("bankName", "开户行", "开户银行", "银行名称"),
    Field("openDate", "开户日期"),
    Field("closeDate", "销户日期"),
    Field("agreementDate", "三方协议日期", "监管协议日期", "协议日期"),
    Field("status", "状态", "账户状态"),
]

register(
    TableReader("accounts", FIELDS, required=("projectCode", "accountNo", "openDate", "status"))
)
