"""What the registry refuses to do, in one shape: in Chinese and English, with the mend."""

from __future__ import annotations

from collections.abc import Iterable

from chengxin.kernel.problems import Problem


class Refused(ValueError):
    """Something that must not be done to the registry; `problem` says why, and nothing was changed."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.zh}。{problem.mend_zh} / {problem.en}: {problem.mend_en}")
        self.problem = problem


def refused(rule: str, zh: str, en: str, mend_zh: str, mend_en: str) -> Refused:
    """A refusal that concerns no single field of a form."""
    return Refused(Problem("", None, rule, zh, en, mend_zh, mend_en))


def known_records(asked: Iterable[int], found: Iterable[int]) -> None:
    """Refuse records that aren't there, and a choice of none."""
    wanted = set(asked)
    missing = sorted(wanted - set(found))
    if missing or not wanted:
        named = "、".join(map(str, missing[:10]))
        raise refused(
            "no_record",
            f"没有记录{named}" if missing else "未选择记录",
            f"there is no record {named}" if missing else "no record was chosen",
            "请核对记录编号",
            "check the numbers of the records",
        )


def signed(by: str, reason: str) -> None:
    """Refuse what nobody answers for: whoever changes whose a record is says who they are, and why."""
    if not by.strip():
        raise refused(
            "unsigned",
            "未写明经办人",
            "nobody signed",
            "请以本人账号登录后再操作",
            "sign in under your own name first",
        )
    if not reason.strip():
        raise refused(
            "no_reason",
            "未写明理由",
            "no reason is given",
            "请写明判断依据",
            "say what the decision rests on",
        )
