"""What the law lets an authority do when an order to pay wages was not obeyed in time, in the order
of the chain: compensation, decision and court, fine, publication and list, police. Nothing here is
automatic: each is a decision of its own with its own procedure (hearing the company first).
"""

from collections.abc import Iterator
from decimal import Decimal

from wagewatch.bilingual import Text

CENT = Decimal("0.01")

COMPENSATION = Text(
    "责令按应付金额50%以上1倍以下的标准向劳动者加付赔偿金:{low} 至 {high} 元"
    "(《劳动保障监察条例》第二十六条)",
    "Order 50 to 100 % of the sum to be paid to the workers on top: CNY {low} to {high} "
    "(Labour inspection 26)",
)
COURT = Text(
    "作出责令支付的行政处理决定;仍不支付的,申请人民法院强制执行"
    "(《保障农民工工资支付条例》第四十二条)",
    "Decide that it must be paid; not paid after that, apply to the people's court for "
    "enforcement (Reg. 42)",
)
FINE = Text(
    "拒不改正的,处2000元以上2万元以下的罚款(《劳动保障监察条例》第三十条)",
    "For refusing to obey: a fine of CNY 2,000 to 20,000 (Labour inspection 30)",
)
PUBLICATION = Text(
    "属于严重拖欠的,向社会公布(《保障农民工工资支付条例》第四十七条);情节严重或者造成严重不良社会影响的,"
    "事先告知后列入失信联合惩戒对象名单(第四十八条)",
    "Serious arrears are published (Reg. 47); grave ones, after notice to the company, are put on "
    "the joint punishment list (Reg. 48)",
)
POLICE = Text(
    "欠薪已达到拒不支付劳动报酬罪的数额标准(见E8),经责令仍不支付,涉嫌犯罪的移送公安机关"
    "(《刑法》第二百七十六条之一,《保障农民工工资支付条例》第四十一条)",
    "The arrears reach the sums of the crime of refusing to pay (see E8) and an order was not "
    "obeyed: a suspected crime is transferred to the police (Criminal Law 276-1, Reg. 41)",
)
OWNER = Text(
    "建设单位未按约定拨付人工费用(见B1):责令限期改正,逾期不改正的责令项目停工并处5万元以上10万元以下的罚款"
    "(《保障农民工工资支付条例》第五十七条第二项);因此造成拖欠的,以未结清的工程款为限先行垫付(第二十九条)",
    "The owner has not disbursed labour cost (see B1): order to correct, then stop of work and CNY "
    "50,000 to 100,000 (Reg. 57(2)); it advances the wages up to what it owes (Reg. 29)",
)


def after_order(open_sum: Decimal, *, crime: bool, owner: bool) -> Iterator[Text]:
    """The steps open after an order to pay of which `open_sum` (CNY) is unpaid. `crime`: the
    criminal threshold is reached; `owner`: the owner has not disbursed labour cost either."""
    half = (open_sum / 2).quantize(CENT)
    yield COMPENSATION.format(low=f"{half:,.2f}", high=f"{open_sum:,.2f}")
    yield COURT
    yield FINE
    yield PUBLICATION
    if crime:
        yield POLICE
    if owner:
        yield OWNER
