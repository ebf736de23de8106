"""Attendance CSV: one punch a line (建办市〔2018〕81号, WorkerAttendance.Add)."""

from payroll.feeds.base import Field, register
from payroll.feeds.table import TableReader

FIELDS = [
    Field("projectCode", "项目编码", "项目编号", "工程编码"),
    Field("idCardType", "证件类型"),
    Field("idCardNumber", "身份证号", "身份证号码", "证件号码", secret="id"),
    Field("date", "考勤时间", "打卡时间", "刷卡时间", "时间"),
    Field("direction", "进出方向", "方向", "进出"),
    Field("channel", "通道", "通道名称"),
]

register(
    TableReader("attendance", FIELDS, required=("projectCode", "idCardNumber", "date", "direction"))
)
