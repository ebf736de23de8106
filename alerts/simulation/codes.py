"""Made-up names and numbers: right in form, belonging to nobody."""

import datetime as dt
from random import Random

from stdnum import luhn
from stdnum.cn import uscc

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余"
_GIVEN = "建国强军勇伟华平志明林海峰波涛福贵祥春生根宝庆德长永金水木土荣发财旺顺安康宁和"
_PLACES = ["330902", "330903", "330921", "330922", "341222", "411528", "420984", "431126", "511322"]
_FOREIGN = ["阿卜杜拉·买买提", "买合木提·艾山", "多吉·次仁"]
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_STEMS = [
    "海岳",
    "沧舟",
    "定澜",
    "浮屿",
    "东潮",
    "普渚",
    "千帆",
    "岱涛",
    "蓬石",
    "瀛桥",
    "汐岸",
    "澄湾",
]
_TAILS = ["安", "信", "达", "恒", "诚", "业", "隆", "兴", "泰", "和", "丰", "立"]


class Codes:
    """Gives each number once; the same seed gives the same numbers."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self._used: set[str] = set()

    def _once(self, make: object) -> str:
        while (value := make()) in self._used:  # type: ignore[operator]
            pass
        self._used.add(value)
        return str(value)

    def person(self) -> str:
        if self.random.random() < 0.01:
            return self.random.choice(_FOREIGN)
        given = "".join(self.random.choices(_GIVEN, k=self.random.choice((1, 2, 2))))
        return self.random.choice(_SURNAMES) + given

    def resident_id(self) -> str:
        """18 digits with the right check digit (GB 11643)."""

        def make() -> str:
            born = dt.date(1960, 1, 1) + dt.timedelta(days=self.random.randrange(16000))
            body = f"{self.random.choice(_PLACES)}{born:%Y%m%d}{self.random.randrange(1, 999):03d}"
            total = sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True))
            return body + "10X98765432"[total % 11]

        return self._once(make)

    def passport(self) -> str:
        return self._once(lambda: f"E{self.random.randrange(10**8):08d}")

    def card(self) -> str:
        """19 digits with the right Luhn digit."""

        def make() -> str:
            body = f"622848{self.random.randrange(10**12):012d}"
            return body + luhn.calc_check_digit(body)

        return self._once(make)

    def phone(self) -> str:
        return f"1{self.random.choice('35789')}{self.random.randrange(10**9):09d}"

    def account(self) -> str:
        return self._once(lambda: f"33{self.random.randrange(10**15):015d}")

    def company(self, kind: str) -> tuple[str, str]:
        """(credit code, name): GB 32100; the name is made of syllables, no real company's."""

        def code() -> str:
            body = f"9133090{self.random.randrange(10):d}MA{self.random.randrange(10**7):07d}"
            return body + uscc.calc_check_digit(body)

        def name() -> str:
            stem = self.random.choice(_STEMS) + self.random.choice(_TAILS)
            return f"{stem}{self.random.choice(_TAILS)}{kind}有限公司"

        return self._once(code), self._once(name)
