"""What a company can be ordered to do about a warning, rule by rule.

`fact` says what was found, `order` what to do; `{placeholders}` are filled by rectification.py.
`basis` empowers the authority to order it, `sanctions` is what the law threatens when the order's
day has passed, never before (the chain of Reg. 54-57). A rule that is not named here carries no
duty that an order could set: E3 (paid late, but in full), B3 (a forecast), C1 (missing data).
"""

from dataclasses import dataclass, field

from alerts.models import Level, Warning
from alerts.notices import sanctions as s


@dataclass(frozen=True)
class Duty:
    fact: str
    order: str
    basis: tuple[str, ...]
    sanctions: tuple[str, ...]
    breached: tuple[str, ...] = field(default=())
    """Articles broken, beside those that the rule itself names."""
    sums: bool = False
    """Wages are owed: the annex lists who is to be paid what."""
    annex: str = ""
    """What the annex is called that lists the workers of the evidence; none when empty."""
    least: int = Level.BLUE
    """Below this level the warning speaks ahead of a breach, and there is nothing to order yet."""


_WAGES = Duty(
    fact="",
    order="",
    basis=("Inspection 18(1)(2)", "Inspection 26(1)"),
    sanctions=(s.COMPENSATION, s.REFUSAL, s.ENFORCEMENT, s.PUBLICATION, s.CRIME),
    breached=("Reg. 12",),
    sums=True,
)

DUTIES: dict[str, Duty] = {
    "A1": Duty(
        fact="你单位作为施工总承包单位，未按规定开设该项目农民工工资专用账户",
        order="为“{project}”项目开设农民工工资专用账户，专项用于支付该工程建设项目农民工工资",
        basis=("Reg. 55(1)",),
        sanctions=(s.ACCOUNT,),
    ),
    "A2": Duty(
        fact="你单位作为施工总承包单位，未按规定足额存储该项目农民工工资保证金或者提供有效的金融机构保函",
        order="为“{project}”项目足额存储农民工工资保证金或者提交有效的金融机构保函",
        basis=("Reg. 55(2)",),
        sanctions=(s.DEPOSIT,),
        least=Level.ORANGE,
    ),
    "A3": Duty(
        fact="你单位作为建设单位，未依法为该项目提供有效的工程款支付担保",
        order="为“{project}”项目提供工程款支付担保",
        basis=("Reg. 57(1)",),
        sanctions=(s.GUARANTEE,),
    ),
    "A4": Duty(
        fact="你单位作为施工总承包单位，未在该项目施工现场设立维权信息告示牌",
        order="在“{project}”项目施工现场醒目位置设立内容完整的维权信息告示牌",
        basis=("Reg. 56(4)",),
        sanctions=(s.BOARD,),
    ),
    "B1": Duty(
        fact="你单位作为建设单位，未按约定及时足额将人工费用拨付至农民工工资专用账户",
        order="将“{project}”项目应付未付的人工费用足额拨付至该项目农民工工资专用账户",
        basis=("Reg. 57(2)",),
        sanctions=(s.OWNER,),
    ),
    "B2": Duty(
        fact="你单位作为建设单位，{month}拨付至农民工工资专用账户的人工费用低于约定数额",
        order="将“{project}”项目{month}少拨付的人工费用足额拨付至该项目农民工工资专用账户",
        basis=("Reg. 57(2)",),
        sanctions=(s.OWNER,),
    ),
    "B4": Duty(
        fact="你单位作为施工总承包单位，{month}将农民工工资专用账户资金支付给非本项目农民工",
        order="将“{project}”项目{month}专用账户支付给非本项目农民工的资金全额追回并存入该账户",
        basis=("Reg. 55(1)",),
        sanctions=(s.ACCOUNT,),
    ),
    "C2": Duty(
        fact="{month}有{workers}名农民工未经实名制登记或者未订立劳动合同（书面协议）即进场施工",
        order="对“{project}”项目{month}未登记或者未订立劳动合同（书面协议）即进场的农民工补办实名制登记，"
        "依法订立劳动合同或者书面协议；未办理的，不得安排进场施工",
        basis=("Reg. 55(3)",),
        sanctions=(s.REAL_NAME,),
        annex="未经实名制登记或者未订立劳动合同而出勤的人员名单",
    ),
    "C3": Duty(
        fact="{month}工资支付表列有{workers}名当月无出勤记录的人员",
        order="逐人核实“{project}”项目{month}工资支付表所列无出勤记录的人员，据实更正工资支付表"
        "并补报考勤资料",
        basis=("Reg. 56(1)",),
        sanctions=(s.SHEET,),
        breached=("Reg. 31",),
        annex="无出勤记录的工资支付表人员名单",
    ),
    "D1": Duty(
        fact="{month}有农民工出勤，至规定日期未编制、报送该月工资支付表",
        order="按月考核农民工工作量，编制“{project}”项目{month}工资支付表，经农民工本人签字确认后"
        "报送，并据以足额支付工资",
        basis=("Reg. 56(1)",),
        sanctions=(s.SHEET,),
        annex="出勤农民工名单",
    ),
    "D2": Duty(
        fact="{month}有{workers}名出勤农民工未列入该月工资支付表",
        order="将“{project}”项目{month}出勤而未列入工资支付表的农民工补列入表，经本人签字确认后"
        "报送，并据以足额支付工资",
        basis=("Reg. 56(1)",),
        sanctions=(s.SHEET,),
        annex="出勤而未列入工资支付表的农民工名单",
    ),
    "E1": _WAGES,
    "E2": _WAGES,
    "E4": _WAGES,
    "E5": Duty(
        fact="{month}有{workers}名农民工的工资发放账户为多人共用账户或者他人账户",
        order="核实“{project}”项目{month}工资发放账户，更正为农民工本人的银行账户；扣押或者变相扣押"
        "农民工社会保障卡、银行卡的，立即退还本人",
        basis=("Inspection 18(1)(2)", "Reg. 54(3)"),
        sanctions=(s.CARDS,),
        breached=("Reg. 11",),
        annex="工资发放账户不符的农民工名单",
    ),
    "E7": _WAGES,
    "F1": _WAGES,
}

# What 56(1) says of a subcontractor's pay sheet, 15 and 54(2) say of every employer's ledger.
OWN_WORKERS = {
    "Reg. 56(1)": "Reg. 54(2)",
    "Reg. 31": "Reg. 15",
    s.SHEET: s.LEDGER,
}


def binds(warning: Warning) -> bool:
    """Whether the warning carries a duty that an order can set."""
    duty = DUTIES.get(warning.rule)
    return duty is not None and warning.level >= duty.least
