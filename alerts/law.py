"""The articles of law that rules and notices cite, by key: "Reg. 31", "Reg. 55(1)".

"Reg." is 保障农民工工资支付条例 (State Council Order 724, in force 2020-05-01). The texts are
paraphrases of what an article demands, not quotations; only what was read in a published text
stands here.
"""

from dataclasses import dataclass

from wagewatch.bilingual import Text

REGULATION = Text(
    "《保障农民工工资支付条例》", "Regulation on Ensuring Wage Payment to Migrant Workers"
)
INSPECTION = Text("《劳动保障监察条例》", "Regulation on Labour Security Inspection")
ZHEJIANG = Text(
    "《浙江省劳动保障监察条例》", "Zhejiang Province Regulation on Labour Security Inspection"
)
ACCOUNT_RULE = Text(
    "《工程建设领域农民工工资专用账户管理暂行办法》(人社部发〔2021〕53号)",
    "Interim Measures for Dedicated Wage Accounts in Construction (Renshebufa [2021] No. 53)",
)
REAL_NAME_RULE = Text(
    "《建筑工人实名制管理办法(试行)》(建市〔2019〕18号,建市〔2022〕59号修改)",
    "Measures for Real-Name Management of Construction Workers (Jianshi [2019] No. 18, as amended "
    "by Jianshi [2022] No. 59)",
)
DEPOSIT_RULE = Text(
    "《工程建设领域农民工工资保证金规定》(人社部发〔2021〕65号)",
    "Rules on Wage Deposits in Construction (Renshebufa [2021] No. 65)",
)
CRIMINAL_LAW = Text("《中华人民共和国刑法》", "Criminal Law of the People's Republic of China")


@dataclass(frozen=True)
class Article:
    """`title` names the document and article as a notice cites it; `text` says what it demands."""

    key: str
    title: Text
    text: Text


def _article(key: str, document: Text, zh: str, en: str, text_zh: str, text_en: str) -> Article:
    return Article(key, Text(f"{document.zh}{zh}", f"{document.en}, {en}"), Text(text_zh, text_en))


_ALL = (
    _article(
        "Reg. 12",
        REGULATION,
        "第十二条",
        "Article 12",
        "用人单位应当按照与农民工书面约定或者依法制定的规章制度规定的工资支付周期和具体支付日期足额支付工资。",
        "The employer pays wages in full on the cycle and day agreed in writing or lawfully laid "
        "down.",
    ),
    _article(
        "Reg. 14",
        REGULATION,
        "第十四条",
        "Article 14",
        "工资支付日期可以在当期或者次期;遇法定节假日或者休息日的,应当在法定节假日或者休息日前支付。",
        "Payday may be in the period worked or the next; when it falls on a holiday or rest day, "
        "wages are paid before it.",
    ),
    _article(
        "Reg. 15",
        REGULATION,
        "第十五条",
        "Article 15",
        "用人单位应当按照工资支付周期编制书面工资支付台账,并至少保存3年;支付工资时应当提供工资清单。",
        "The employer keeps a written wage ledger for each cycle for at least three years and "
        "gives a wage slip.",
    ),
    _article(
        "Reg. 24",
        REGULATION,
        "第二十四条",
        "Article 24",
        "建设单位应当提供工程款支付担保;合同应当约定计量周期、进度结算办法以及人工费用拨付周期,"
        "人工费用拨付周期不得超过1个月。",
        "The owner provides a payment guarantee; the contract names measuring, settlement and the "
        "labour-cost disbursement cycle, the last of at most one month.",
    ),
    _article(
        "Reg. 26",
        REGULATION,
        "第二十六条",
        "Article 26",
        "施工总承包单位应当开设农民工工资专用账户,专项用于支付该工程建设项目农民工工资,"
        "有关资料妥善保存备查。",
        "The general contractor opens a dedicated wage account, used only for the wages of this "
        "project, and keeps its papers.",
    ),
    _article(
        "Reg. 27",
        REGULATION,
        "第二十七条",
        "Article 27",
        "开户银行发现资金未按约定拨付等情况的,应当及时通知施工总承包单位,由其向人力资源社会保障行政部门和"
        "相关行业主管部门报告,纳入欠薪预警;工程完工且未拖欠工资的,公示30日后可以申请注销专用账户。",
        "When funds do not arrive as agreed the bank tells the general contractor, who reports it, "
        "and it enters the warning system; the account may be closed after completion without "
        "arrears and 30 days' public notice.",
    ),
    _article(
        "Reg. 28",
        REGULATION,
        "第二十八条",
        "Article 28",
        "应当依法与所招用的农民工订立劳动合同并进行用工实名登记,未订立合同并登记的不得进入施工现场;"
        "总包单位应当配备劳资专管员,掌握施工现场用工、考勤、工资支付等情况,审核分包单位编制的工资支付表,"
        "建立用工管理台账。",
        "A labour contract and real-name registration come before anyone enters the site; the "
        "general contractor's wage officer follows employment, attendance and payment, audits the "
        "subcontractors' pay sheets and keeps the ledger.",
    ),
    _article(
        "Reg. 29",
        REGULATION,
        "第二十九条",
        "Article 29",
        "建设单位应当按照合同约定及时足额将人工费用拨付至农民工工资专用账户;因建设单位未按约定及时拨付"
        "工程款导致拖欠的,建设单位应当以未结清的工程款为限先行垫付被拖欠的工资。",
        "The owner pays labour cost into the dedicated account in time and in full; where its late "
        "payment caused the arrears, it advances the wages up to what it still owes.",
    ),
    _article(
        "Reg. 30",
        REGULATION,
        "第三十条",
        "Article 30",
        "分包单位对所招用农民工的实名制管理和工资支付负直接责任;分包单位拖欠工资的,"
        "由施工总承包单位先行清偿,再依法进行追偿。",
        "The subcontractor is directly liable for its workers' wages; the general contractor "
        "clears the arrears first and then recovers them.",
    ),
    _article(
        "Reg. 31",
        REGULATION,
        "第三十一条",
        "Article 31",
        "分包单位应当按月考核农民工工作量并编制工资支付表,经农民工本人签字确认后交施工总承包单位;"
        "总包单位通过农民工工资专用账户直接将工资支付到农民工本人的银行账户,并向分包单位提供代发工资凭证;"
        "任何单位和个人不得扣押银行卡。",
        "The subcontractor assesses work monthly and draws up a pay sheet that each worker signs; "
        "the general contractor pays from the dedicated account straight into each worker's own "
        "bank account and hands back vouchers; nobody may withhold a card.",
    ),
    _article(
        "Reg. 35",
        REGULATION,
        "第三十五条",
        "Article 35",
        "因工程数量、质量、造价等产生争议的,不得因争议不按规定拨付人工费用或者代发工资。",
        "A dispute over quantity, quality or price never suspends labour-cost disbursement or the "
        "payment of wages.",
    ),
    _article(
        "Reg. 38",
        REGULATION,
        "第三十八条",
        "Article 38",
        "县级以上地方人民政府应当建立农民工工资支付监控预警平台,实现有关信息及时共享。",
        "Governments at county level and above run a wage payment monitoring and warning platform "
        "with timely shared data.",
    ),
    _article(
        "Reg. 39",
        REGULATION,
        "第三十九条",
        "Article 39",
        "人力资源社会保障行政部门和相关行业主管部门应当依法对劳动合同、工资支付、实名制、专用账户、"
        "总包代发、工资保证金和维权信息公示等情况进行监督检查。",
        "HRSS and the sector regulators inspect contracts, wages, real-name management, the "
        "dedicated account, payment by the general contractor, the deposit and the notice board.",
    ),
    _article(
        "Reg. 41",
        REGULATION,
        "第四十一条",
        "Article 41",
        "用人单位不配合调查等情形,可以提请公安机关协助;涉嫌犯罪的,应当及时移送公安机关。",
        "The police help where an employer does not cooperate; a suspected crime is transferred to "
        "them in time.",
    ),
    _article(
        "Reg. 42",
        REGULATION,
        "第四十二条",
        "Article 42",
        "作出责令支付被拖欠的农民工工资的决定后,逾期不支付的,可以依法申请人民法院强制执行。",
        "A decision ordering payment that is not obeyed in time can be brought to the people's "
        "court for enforcement.",
    ),
    _article(
        "Reg. 48",
        REGULATION,
        "第四十八条",
        "Article 48",
        "拖欠农民工工资情节严重或者造成严重不良社会影响的,将单位及其法定代表人或者主要负责人、"
        "直接责任人员列入失信联合惩戒对象名单。",
        "Where arrears are serious or have bad effects on society, the employer, its head and the "
        "persons directly responsible are put on the joint punishment list.",
    ),
    _article(
        "Reg. 47",
        REGULATION,
        "第四十七条",
        "Article 47",
        "建立用人单位及相关责任人劳动保障守法诚信档案;严重拖欠农民工工资的,向社会公布。",
        "Employers have a credit file and an integrity grade; serious arrears are published.",
    ),
    _article(
        "Reg. 50",
        REGULATION,
        "第五十条",
        "Article 50",
        "拖欠工资发生争议的,用人单位应当提供其依法保存的劳动合同、职工名册、工资支付台账和清单等材料;"
        "不提供的,依法承担不利后果。",
        "In a dispute the employer produces contracts, roster, ledger and slips, or bears the "
        "adverse result.",
    ),
    _article(
        "Reg. 54(3)",
        REGULATION,
        "第五十四条第三项",
        "Article 54(3)",
        "扣押或者变相扣押用于支付农民工工资的银行账户所绑定的农民工本人社会保障卡或者银行卡的,责令限期改正;"
        "逾期不改正的,对单位处2万元以上5万元以下的罚款,对责任人员处1万元以上3万元以下的罚款。",
        "Withholding workers' cards: order to correct; if not corrected, CNY 20,000-50,000 for the "
        "unit and CNY 10,000-30,000 for the persons responsible.",
    ),
    _article(
        "Reg. 55(1)",
        REGULATION,
        "第五十五条第一项",
        "Article 55(1)",
        "施工总承包单位未按规定开设或者使用农民工工资专用账户的,责令限期改正;逾期不改正的,责令项目停工,"
        "并处5万元以上10万元以下的罚款。",
        "Dedicated account not opened or not used as required: order to correct; if not corrected, "
        "stop of work and CNY 50,000-100,000.",
    ),
    _article(
        "Reg. 55(3)",
        REGULATION,
        "第五十五条第三项",
        "Article 55(3)",
        "施工总承包单位、分包单位未实行劳动用工实名制管理的,责令限期改正;逾期不改正的,责令项目停工,"
        "并处5万元以上10万元以下的罚款。",
        "No real-name management: order to correct; if not corrected, stop of work and CNY "
        "50,000-100,000.",
    ),
    _article(
        "Reg. 56(1)",
        REGULATION,
        "第五十六条第一项",
        "Article 56(1)",
        "分包单位未按月考核农民工工作量、编制工资支付表并经农民工本人签字确认的,责令限期改正;"
        "逾期不改正的,处5万元以上10万元以下的罚款。",
        "No monthly pay sheet signed by the workers: order to correct; if not corrected, CNY "
        "50,000-100,000.",
    ),
    _article(
        "Reg. 57(2)",
        REGULATION,
        "第五十七条第二项",
        "Article 57(2)",
        "建设单位未按约定及时足额向农民工工资专用账户拨付工程款中的人工费用的,责令限期改正;"
        "逾期不改正的,责令项目停工,并处5万元以上10万元以下的罚款。",
        "The owner does not disburse labour cost in time and in full: order to correct; if not "
        "corrected, stop of work and CNY 50,000-100,000.",
    ),
    _article(
        "Account rule",
        ACCOUNT_RULE,
        "",
        "on opening",
        "施工总承包单位应当自工程施工合同签订之日起30日内开设农民工工资专用账户。",
        "The general contractor opens the dedicated account within 30 days of signing the "
        "construction contract.",
    ),
    _article(
        "Real-name 8",
        REAL_NAME_RULE,
        "第八条",
        "Article 8",
        "订立劳动合同(不符合建立劳动关系情形的,订立用工书面协议),进行基本安全培训,并在实名制管理平台登记后,"
        "方可进入施工现场。",
        "A labour contract (or, where there is no employment relation, a written agreement), basic "
        "safety training and registration on the real-name platform come before entry to the site.",
    ),
    _article(
        "Inspection 17",
        INSPECTION,
        "第十七条",
        "Article 17",
        "对违法行为的调查应当自立案之日起60个工作日内完成;情况复杂的,经批准可以延长30个工作日。",
        "An investigation ends within 60 working days of opening the case, 30 more with approval.",
    ),
    _article(
        "Inspection 18",
        INSPECTION,
        "第十八条",
        "Article 18",
        "对违反劳动保障法律、法规或者规章的行为,依法责令改正或者作出相应的行政处理、行政处罚决定。",
        "Breaches are ordered to be corrected or meet a treatment or penalty decision.",
    ),
    _article(
        "Inspection 26",
        INSPECTION,
        "第二十六条",
        "Article 26",
        "克扣或者无故拖欠劳动者工资报酬的,责令限期支付;逾期不支付的,责令按照应付金额50%以上1倍以下的标准"
        "加付赔偿金。",
        "Wages withheld or late without reason are ordered to be paid by a date; if they are not, "
        "50-100 % of the sum is ordered on top.",
    ),
    _article(
        "Inspection 26(2)",
        INSPECTION,
        "第二十六条第二项",
        "Article 26(2)",
        "支付劳动者的工资低于当地最低工资标准的,责令限期支付其低于标准的差额;逾期不支付的,"
        "责令按照应付金额50%以上1倍以下的标准加付赔偿金。",
        "Wages below the local minimum wage: the difference is ordered to be paid by a date; if it "
        "is not, 50-100 % of the sum is ordered on top.",
    ),
    _article(
        "Inspection 30",
        INSPECTION,
        "第三十条",
        "Article 30",
        "经责令改正拒不改正,或者拒不履行行政处理决定的,处2000元以上2万元以下的罚款。",
        "Refusing an order to correct or a treatment decision: CNY 2,000-20,000.",
    ),
    _article(
        "Zhejiang 23",
        ZHEJIANG,
        "第二十三条",
        "Article 23",
        "对举报、投诉应当自收到之日起5个工作日内决定是否受理。",
        "A complaint is accepted or refused within five working days.",
    ),
    _article(
        "Zhejiang 26",
        ZHEJIANG,
        "第二十六条",
        "Article 26",
        "对工资支付的投诉,用人单位负有举证责任;不能举证的,可以依据投诉人提供的材料责令支付。",
        "In wage complaints the employer bears the burden of proof; without it, payment may be "
        "ordered on the complainant's papers.",
    ),
    _article(
        "Criminal Law 276-1",
        CRIMINAL_LAW,
        "第二百七十六条之一",
        "Article 276-1",
        "有能力支付而不支付劳动报酬,数额较大,经政府有关部门责令支付仍不支付的,依法追究刑事责任。",
        "Able but unwilling to pay a large sum of wages after an official order is a crime.",
    ),
    _article(
        "Reg. 23",
        REGULATION,
        "第二十三条",
        "Article 23",
        "建设单位应当有满足施工所需要的资金安排;没有资金安排的,不得开工建设,依法需要办理施工许可证的,"
        "不予颁发施工许可证。",
        "The owner must have the funds that the work needs in place; without them the work may not "
        "begin, and no construction permit is given.",
    ),
    _article(
        "Reg. 32",
        REGULATION,
        "第三十二条",
        "Article 32",
        "施工总承包单位应当按照规定存储工资保证金,专项用于支付所承包工程的被拖欠工资;实行差异化存储,"
        "可以用金融机构保函替代。",
        "The general contractor keeps a wage deposit, used only for arrears of its project; its "
        "size differs by record, and a bank's guarantee may take its place.",
    ),
    _article(
        "Reg. 33",
        REGULATION,
        "第三十三条",
        "Article 33",
        "除法律另有规定外,农民工工资专用账户资金和工资保证金不得因支付为本项目提供劳动的农民工工资之外的"
        "原因被查封、冻结或者划拨。",
        "Unless a law says otherwise, the money of the account and the deposit may not be sealed, "
        "frozen or taken for any cause but the wages of those who work on the project.",
    ),
    _article(
        "Reg. 34",
        REGULATION,
        "第三十四条",
        "Article 34",
        "施工总承包单位应当在施工现场醒目位置设立维权信息告示牌,明示各方单位、行业主管部门、劳资专管员、"
        "当地最低工资标准、工资支付日期和投诉举报、法律援助等渠道。",
        "The general contractor puts up a notice board on site: parties, sector authority, wage "
        "officer, minimum wage, payday, and where to complain and find legal aid.",
    ),
    _article(
        "Reg. 55(2)",
        REGULATION,
        "第五十五条第(二)项",
        "Article 55(2)",
        "施工总承包单位未按规定存储工资保证金或者未提供金融机构保函的,责令限期改正;逾期不改正的,"
        "责令项目停工,并处5万元以上10万元以下的罚款;情节严重的,限制承接新工程、降低资质等级、吊销资质证书等。",
        "No deposit and no bank guarantee: ordered to correct; if not, work is stopped and a fine "
        "of CNY 50,000-100,000 follows; in serious cases limits on new work or loss of "
        "qualification.",
    ),
    _article(
        "Reg. 56(4)",
        REGULATION,
        "第五十六条第(四)项",
        "Article 56(4)",
        "施工总承包单位未实行施工现场维权信息公示制度的,责令限期改正;逾期不改正的,"
        "处5万元以上10万元以下的罚款。",
        "No notice board on site: ordered to correct; if not, a fine of CNY 50,000-100,000.",
    ),
    _article(
        "Reg. 57(1)",
        REGULATION,
        "第五十七条第(一)项",
        "Article 57(1)",
        "建设单位未依法提供工程款支付担保的,责令限期改正;逾期不改正的,责令项目停工,"
        "并处5万元以上10万元以下的罚款。",
        "The owner gives no payment guarantee: ordered to correct; if not, work is stopped and a "
        "fine of CNY 50,000-100,000 follows.",
    ),
    _article(
        "Deposit rule",
        DEPOSIT_RULE,
        "",
        "as a whole",
        "工资保证金按工程合同额的一定比例存储;自取得施工许可证(开工报告批复)之日起,依法不需要办理的自签订"
        "施工合同之日起,20个工作日内存储或者提交银行保函。",
        "The deposit is a share of the contract price; it is made, or a bank guarantee handed in, "
        "within 20 working days after the permit or start report, or after the contract where "
        "neither is needed.",
    ),
)

ARTICLES: dict[str, Article] = {article.key: article for article in _ALL}


def article(key: str) -> Article:
    """The article for a key; KeyError for one that is not in the table."""
    return ARTICLES[key]
