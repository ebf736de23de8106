"""Bank CSV: one movement a line."""

from payroll.feeds.base import Field, register
from payroll.feeds.table import TableReader

FIELDS = [
    Field("accountNo", "专户账号", "账号", "账户", "本方账号"),
    Field("bookedAt", "记账日期", "交易日期", "入账日期", "交易时间"),
    Field("amount", "金额", "交易金额", "发生额"),
    Field("direction", "借贷标志", "收支方向", "借贷", "方向"),
    Field("counterpartyName", "对方户名", "对方名称", "收款人", "对方账户名称"),
    Field("counterpartyAccount", "对方账号", "收款账号", "对方账户", secret="card"),
    Field("purpose", "用途", "摘要", "附言"),
    Field("reference", "流水号", "交易流水号", "银行流水号"),
    Field("status", "状态", "交易状态"),
    Field("returnReason", "退汇原因", "退回原因"),
]

register(
    TableReader(
        "bank", FIELDS, required=("accountNo", "bookedAt", "amount", "direction", "reference")
    )
)
