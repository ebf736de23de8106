"""Pay sheets 工资支付表 (Reg. 31): the company's template, or plain.

Field names: 建办市〔2018〕81号, Payroll.Add.
"""

from payroll.feeds.base import Field, register
from payroll.feeds.table import TableReader

PROJECT = Field("projectCode", "项目编码", "项目编号", "工程编码")
PROJECT_NAME = Field("projectName", "项目名称", "工程名称")
CORP = Field("corpCode", "企业统一社会信用代码", "统一社会信用代码", "企业信用代码", "用人单位代码")
CORP_NAME = Field("corpName", "企业名称", "用人单位", "用工单位", "单位名称")
MONTH = Field("payMonth", "所属月份", "工资月份", "发放月份", "工资所属月份", "月份")

FIELDS = [
    PROJECT,
    PROJECT_NAME,
    CORP,
    CORP_NAME,
    MONTH,
    Field("teamName", "班组名称", "班组", "所在班组"),
    Field("workerName", "姓名", "工人姓名", "农民工姓名"),
    Field("idCardType", "证件类型"),
    Field("idCardNumber", "身份证号", "身份证号码", "证件号码", "证件号", secret="id"),
    Field("days", "出勤天数", "出勤", "考勤天数"),
    Field("workHours", "工时", "总工时"),
    Field("totalPayAmount", "应发", "应发工资", "应发金额", "应发合计"),
    Field("deductions", "扣除", "扣款", "扣除金额", "扣减"),
    Field("actualAmount", "实发", "实发工资", "实发金额", "实发合计"),
    Field(
        "payRollBankCardNumber", "工资卡号", "银行卡号", "工资银行卡号", "银行账号", secret="card"
    ),
    Field("payRollBankName", "开户行", "开户银行", "工资卡开户行", "工资银行名称"),
    Field("confirmedDate", "本人确认日期", "确认日期", "签字日期"),
    Field("isBackPay", "是否补发", "补发"),
    Field("backPayMonth", "补发月份"),
    Field("payChannel", "支付方式", "发放方式", "工资支付方式"),
    Field("cashReason", "现金原因", "现金支付原因", "现金发放原因"),
    Field("thirdPayRollCode", "第三方工资单编号", "工资单编号"),
]

REQUIRED = (
    "projectCode",
    "corpCode",
    "payMonth",
    "workerName",
    "idCardNumber",
    "totalPayAmount",
    "actualAmount",
)
BLOCK = (PROJECT, PROJECT_NAME, CORP, CORP_NAME, MONTH)

register(TableReader("payroll", FIELDS, required=REQUIRED, block=BLOCK, totals=True))
