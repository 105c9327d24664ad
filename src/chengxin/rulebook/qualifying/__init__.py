"""Which subjects a list's rule reaches: a small text that a lawyer reads and that is checked when loaded.

    至少 1 条 行政处罚信息，3 年内，其中 处罚类别 含 吊销许可证件、责令关闭 之一 或 罚款金额(万元) 不低于 20
    并且 未列入 任何黑名单

`parse` reads and checks it, `words` says it in either language, `evaluate` judges one subject, `sql` asks
PostgreSQL for all of them. Whatever cannot be told is neither true nor false, and lists nobody.
"""

from chengxin.rulebook.qualifying.compiling import Sql, record_sql, sql
from chengxin.rulebook.qualifying.judging import FactValue, Judge, evaluate
from chengxin.rulebook.qualifying.parsing import parse
from chengxin.rulebook.qualifying.problems import ParseError, ParseProblem
from chengxin.rulebook.qualifying.tree import (
    AllOf,
    AnyOf,
    Expression,
    FactTest,
    Finding,
    Listed,
    Not,
    Reason,
    Record,
    Records,
    Test,
    facts,
    items,
    lists,
)
from chengxin.rulebook.qualifying.window import window_start
from chengxin.rulebook.qualifying.wording import words, write

__all__ = [
    "AllOf",
    "AnyOf",
    "Expression",
    "FactTest",
    "FactValue",
    "Finding",
    "Judge",
    "Listed",
    "Not",
    "ParseError",
    "ParseProblem",
    "Reason",
    "Record",
    "Records",
    "Sql",
    "Test",
    "evaluate",
    "facts",
    "items",
    "lists",
    "parse",
    "record_sql",
    "sql",
    "window_start",
    "words",
    "write",
]
