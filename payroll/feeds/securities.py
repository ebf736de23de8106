"""Registry feed `securities`: wage deposits 工资保证金 and payment guarantees 工程款支付担保."""

from payroll.feeds.base import Field, register
from payroll.feeds.table import TableReader

FIELDS = [
    Field("projectCode", "项目编码", "项目编号", "工程编码"),
    Field("kind", "种类", "类别", "保障类型"),
    Field("form", "形式", "担保形式"),
    Field("amount", "金额", "担保金额"),
    Field("issuer", "出具机构", "担保机构", "保证人"),
    Field("validFrom", "生效日期", "有效期起"),
    Field("validTo", "到期日期", "有效期止"),
]

register(
    TableReader(
        "securities", FIELDS, required=("projectCode", "kind", "form", "amount", "validFrom")
    )
)
