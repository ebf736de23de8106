"""Registry feed `workers`: who is employed by whom on which project."""

from payroll.feeds.base import Field, register
from payroll.feeds.table import TableReader

FIELDS = [
    Field("projectCode", "项目编码", "项目编号", "工程编码"),
    Field("corpCode", "统一社会信用代码", "企业统一社会信用代码", "用人单位代码"),
    Field("teamName", "班组名称", "班组", "所在班组"),
    Field("workerName", "姓名", "工人姓名"),
    Field("idCardType", "证件类型"),
    Field("idCardNumber", "身份证号", "身份证号码", "证件号码", secret="id"),
    Field("cellPhone", "手机号", "手机号码", "联系电话", secret="id"),
    Field("workType", "工种"),
    Field("contractDate", "合同签订日期", "劳动合同日期", "劳动合同签订日期"),
    Field("entryTime", "进场日期", "进场时间"),
    Field("exitTime", "退场日期", "退场时间"),
    Field("unitPrice", "单价", "工资标准"),
    Field("payRollBankCardNumber", "工资卡号", "银行卡号", "工资银行卡号", secret="card"),
    Field("payRollBankName", "开户行", "开户银行", "工资卡开户行", "工资银行名称"),
]

register(
    TableReader(
        "workers",
        FIELDS,
        required=("projectCode", "corpCode", "workerName", "idCardNumber", "entryTime"),
    )
)
