"""Feed `complaints`: what hotline 12345, portals and visits brought, and what was done with it.

The columns from `acceptedAt` on are what a hotline's own list carries; a list without them tells
of complaints only.
"""

from payroll.feeds.base import Field, register
from payroll.feeds.table import TableReader

FIELDS = [
    Field("receivedAt", "投诉时间", "投诉日期", "收到日期", "收到时间", "登记时间", "来电时间"),
    Field("channel", "渠道", "来源渠道", "投诉渠道"),
    Field("complaintNo", "投诉编号", "工单编号", "工单号"),
    Field("projectCode", "项目编码", "项目编号", "工程编码"),
    Field("projectName", "项目名称", "工程名称", "工地名称"),
    Field("corpName", "被投诉单位", "企业名称", "单位名称"),
    Field("areaCode", "行政区划", "区划代码", "所属区域"),
    Field("workerName", "投诉人", "投诉人姓名", "姓名"),
    Field("idCardType", "证件类型"),
    Field("idCardNumber", "投诉人证件号码", "证件号码", "身份证号", secret="id"),
    Field("cellPhone", "联系电话", "投诉人电话", "手机号码", secret="id"),
    Field("people", "涉及人数", "人数"),
    Field("amount", "涉及金额", "金额"),
    Field("text", "内容", "投诉内容", "诉求内容"),
    Field("acceptedAt", "受理日期", "受理时间"),
    Field("refusedAt", "不予受理日期"),
    Field("answeredAt", "答复日期", "办结日期", "办结时间"),
    Field("result", "结果", "办理结果", "答复内容"),
]

register(TableReader("complaints", FIELDS, required=("receivedAt", "channel")))
