"""Feed `indicators`: utilities, tax, social insurance and credit of a company, month by month."""

from payroll.feeds.base import Field, register
from payroll.feeds.table import TableReader

FIELDS = [
    Field("corpCode", "统一社会信用代码", "企业统一社会信用代码", "单位代码"),
    Field("corpName", "企业名称", "单位名称"),
    Field("month", "月份", "所属月份"),
    Field("kind", "指标", "种类", "指标类型"),
    Field("value", "数值", "值", "指标值"),
]

register(TableReader("indicators", FIELDS, required=("corpCode", "month", "kind", "value")))
