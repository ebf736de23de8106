"""Feed `complaints`: recognised, so that the sender gets a clear answer; not loaded yet."""

from payroll.feeds.base import Field, register
from payroll.feeds.table import TableReader

FIELDS = [
    Field("receivedAt", "受理时间", "投诉时间"),
    Field("channel", "渠道", "来源渠道"),
    Field("projectCode", "项目编码"),
    Field("people", "涉及人数"),
    Field("amount", "涉及金额"),
    Field("text", "内容", "投诉内容"),
]

register(
    TableReader("complaints", FIELDS, required=("receivedAt", "channel", "text"), supported=False)
)
