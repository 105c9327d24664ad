"""What can be wrong with a file that claims to be a credit report: a sentence each, in both languages."""

from __future__ import annotations

from chengxin.kernel.problems import Problem


def _fault(rule: str, zh: str, en: str, mend_zh: str = "", mend_en: str = "") -> Problem:
    return Problem(
        "", None, f"report.{rule}", zh, en,
        mend_zh or "请以出具单位重新出具的报告为准", mend_en or "rely on a report that is made anew",
    )  # fmt: skip


def too_large(size: int, most: int) -> Problem:
    """More bytes than any report has."""
    return _fault(
        "size",
        f"文件有{size / 1048576:.1f} MB，超过{most // 1048576} MB，不是本平台出具的报告",
        f"the file has {size / 1048576:.1f} MB, more than {most // 1048576} MB: no report of ours",
    )


def no_pdf() -> Problem:
    """Another kind of file."""
    return _fault(
        "pdf",
        "文件不是PDF，也不是报告的JSON数据",
        "the file is neither a PDF nor a report's JSON",
        "请选择报告的PDF或JSON文件",
        "choose the PDF or JSON file of the report",
    )


def empty() -> Problem:
    """Nothing in it."""
    return _fault(
        "empty",
        "文件是空的",
        "the file is empty",
        "请重新下载，或另取一份",
        "download it again, or get another copy",
    )


def web_page() -> Problem:
    """The report as HTML, which is for reading."""
    return _fault(
        "page",
        "文件是网页，供阅读，没有电子签名",
        "the file is a web page: it is for reading and bears no signature",
        "请核验报告的PDF或JSON文件，或者按编号和校验码核验",
        "verify the report's PDF or JSON file, or its number and check code",
    )


def truncated() -> Problem:
    """The end is missing."""
    return _fault(
        "truncated",
        "文件不完整，末尾缺失", "the file is not whole: its end is missing",
        "请重新下载，或另取一份", "download it again, or get another copy",
    )  # fmt: skip


def encrypted() -> Problem:
    """Locked by a password."""
    return _fault(
        "encrypted",
        "文件已加密，并且没有本平台的电子签名；本平台出具的报告不加密",
        "the file is encrypted and bears no signature of this installation, which encrypts no report",
    )


def unsigned() -> Problem:
    """No signature in it."""
    return _fault(
        "unsigned",
        "文件没有电子签名，不是本平台出具的报告，或者签名已被去除",
        "the file bears no electronic signature: no report of ours, or its signature was removed",
    )


def foreign() -> Problem:
    """Signed with another key."""
    return _fault(
        "signer",
        "文件由他人签名，签名证书不是本平台的",
        "the file is signed by somebody else: the certificate is not this installation's",
    )


def altered() -> Problem:
    """Not what was signed."""
    return _fault(
        "altered",
        "文件在签名以后被改动，内容与签名不符",
        "the file was changed after it was signed: its content and its signature don't agree",
    )


def appended(count: int) -> Problem:
    """Something behind the end."""
    return _fault(
        "appended",
        f"文件在签名以后被添加了{count}个字节，签名不再覆盖整个文件",
        f"{count} bytes were added after the file was signed: the signature doesn't cover all of it any more",
    )


def without_report() -> Problem:
    """Ours, but no report."""
    return _fault(
        "content",
        "文件由本平台签名，但其中没有信用报告",
        "the file is signed by this installation, but there is no credit report in it",
    )


def other_data() -> Problem:
    """JSON, but no report."""
    return _fault("content", "文件是JSON数据，但不是信用报告", "the file is JSON, but no credit report")


def unknown(number: int) -> Problem:
    """No such report."""
    return _fault(
        "number",
        f"账本中没有第{number}号报告", f"the ledger knows no report number {number}",
    )  # fmt: skip


def differs(number: int) -> Problem:
    """Another content than the one sealed."""
    return _fault(
        "digest",
        f"内容与账本记载的第{number}号报告不符",
        f"the content is not what the ledger sealed as report number {number}",
    )


def unproved(number: int) -> Problem:
    """The ledger itself doesn't hold."""
    return _fault(
        "ledger",
        f"账本不能证明第{number}号报告：登记与签名的账本首不符",
        f"the ledger can't prove report number {number}: its entry and the signed head don't agree",
        "请运行 chengxin ledger verify 查明账本", "run chengxin ledger verify",
    )  # fmt: skip
