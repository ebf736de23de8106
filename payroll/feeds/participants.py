"""Registry feed `participants`: the companies on each project."""

from payroll.feeds.base import Field, register
from payroll.feeds.table import TableReader

FIELDS = [
    Field("projectCode", "项目编码", "项目编号", "工程编码"),
    Field("corpCode", "统一社会信用代码", "企业统一社会信用代码", "单位代码"),
    Field("corpName", "企业名称", "单位名称"),
    Field("corpType", "参建类型", "企业类型", "单位类型"),
    Field("parentCorpCode", "上级单位代码", "发包单位代码"),
    Field("entryTime", "进场日期", "进场时间"),
    Field("exitTime", "退场日期", "退场时间"),
]

register(
    TableReader(
        "participants", FIELDS, required=("projectCode", "corpCode", "corpName", "corpType")
    )
)
