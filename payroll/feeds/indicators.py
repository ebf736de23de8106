"""Feed `indicators`: recognised, so that the sender gets a clear answer; not loaded yet."""

from payroll.feeds.base import Field, register
from payroll.feeds.table import TableReader

FIELDS = [
    Field("corpCode", "统一社会信用代码", "企业统一社会信用代码"),
    Field("month", "月份"),
    Field("kind", "指标", "种类"),
    Field("value", "数值", "值"),
]

register(
    TableReader(
        "indicators", FIELDS, required=("corpCode", "month", "kind", "value"), supported=False
    )
)
