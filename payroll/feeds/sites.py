"""Registry feed `sites`: the rights notice board 维权信息告示牌 (Reg. 34)."""

from payroll.feeds.base import Field, register
from payroll.feeds.table import TableReader

FIELDS = [
    Field("projectCode", "项目编码", "项目编号", "工程编码"),
    Field("noticeBoardDate", "告示牌设立日期", "维权告示牌日期", "告示牌日期"),
    Field("photoReference", "照片编号", "照片", "photo"),
]

register(TableReader("sites", FIELDS, required=("projectCode", "noticeBoardDate")))
