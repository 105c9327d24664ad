"""Sending through the pages: a file, its receipt, what was wrong, mended and sent again; and who may."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterable
from io import BytesIO, StringIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from chengxin.accounts.actions import note_organisation
from chengxin.accounts.models import GivenRole, Organisation, User
from chengxin.desk.models import Notice
from chengxin.exchange import sending
from chengxin.exchange.actions import complete_waiting
from chengxin.exchange.models import Batch
from chengxin.exchange.tests.sending import Row, example
from chengxin.exchange.worker import worker
from chengxin.rulebook import catalogue
from chengxin.testing.checked import checked
from chengxin.testing.signed import browser_of, person

NUMBER = "榕市监罚〔2026〕{}号"


@pytest.fixture(autouse=True)
def waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches wait until the test brings them to their end."""
    monkeypatch.setattr(worker, "wake", lambda: None)


@pytest.fixture
def officer(database: str) -> User:
    return person("department_officer")


@pytest.fixture
def browser(officer: User) -> Client:
    return browser_of(officer)


def file_of(rows: Iterable[Row], name: str = "penalties.csv") -> BytesIO:
    listed, text = list(rows), StringIO()
    writer = csv.DictWriter(text, list(listed[0]))
    writer.writeheader()
    writer.writerows(listed)
    return named(text.getvalue().encode(), name)


def named(content: bytes, name: str) -> BytesIO:
    file = BytesIO(content)
    file.name = name
    return file


def penalties(*numbers: str) -> BytesIO:
    return file_of(example("penalty", CF_WSH=one) for one in numbers)


def sent(browser: Client, file: BytesIO | None, **given: str) -> str:
    """Send a file by the form; the address of its batch, or the page with the message."""
    form: dict[str, object] = {"item": "penalty", "operation": "new", **given}
    if file is not None:
        form["file"] = file
    answer = browser.post("/work/batches/new", form)
    if answer.status_code == 303:
        return str(answer["Location"])
    assert answer.status_code == 422
    return str(answer.content.decode())


def shown(browser: Client, address: str) -> str:
    """A page in Chinese and in English, both well made; the Chinese one is given back."""
    for language in ("en", "zh"):
        sign = "&" if "?" in address else "?"
        answer = browser.get(f"{address}{sign}lang={language}")
        assert answer.status_code == 200, address
        page = answer.content.decode()
        found = checked(page)
        assert list(found.finish()) == []
        assert found.stray == []
    return page


@pytest.mark.obligation("9.1d")
def test_rejected_rows_are_mended_in_their_workbook_and_sent_again(browser: Client) -> None:
    first = sent(browser, penalties(NUMBER.format(1), "", NUMBER.format(2)))
    assert "已接收" in shown(browser, first)
    complete_waiting()
    receipt = shown(browser, first)
    assert "已办结，有退回" in receipt
    assert "最常见的问题" in receipt
    assert "未填写" in receipt or "不能为空" in receipt or "必填" in receipt
    answer = browser.get(f"{first}/rejects.xlsx")
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    sheet = book.worksheets[0]
    headings = [cell.value for cell in sheet[1]]
    wanted = catalogue.item("penalty").field("CF_WSH").name_zh
    sheet.cell(2, headings.index(wanted) + 1).value = NUMBER.format(3)
    mended = BytesIO()
    book.save(mended)
    number = first.rsplit("/", 1)[-1]
    second = sent(browser, named(mended.getvalue(), f"rejects-{number}.xlsx"), follows=number)
    complete_waiting()
    batch = Batch.objects.get(pk=int(second.rsplit("/", 1)[-1]))
    assert (batch.rows, batch.kept, batch.rejected, batch.follows_id) == (1, 1, 0, int(number))
    assert f'href="{first}"' in shown(browser, second)
    assert f'href="{second}"' in shown(browser, first)
    assert "本批已改正后再报" in shown(browser, first)


def test_the_receipt_names_file_times_leaves_and_who_sent_it(browser: Client, officer: User) -> None:
    address = sent(browser, penalties(NUMBER.format(1), NUMBER.format(2)))
    complete_waiting()
    receipt, batch = shown(browser, address), Batch.objects.get()
    for text in (bytes(batch.sha256).hex(), "penalties.csv", officer.name, "报送回执", "入档"):
        assert text in receipt
    assert batch.first_leaf is not None
    assert f"第{batch.first_leaf:,}号至第{batch.last_leaf:,}号" in receipt


def test_while_a_batch_is_under_way_its_page_asks_again_until_it_has_ended(browser: Client) -> None:
    address = sent(browser, penalties(NUMBER.format(1)))
    assert f'hx-get="{address}/progress"' in shown(browser, address)
    part = browser.get(f"{address}/progress")
    assert "<progress" in part.content.decode()
    assert "HX-Refresh" not in part
    complete_waiting()
    assert browser.get(f"{address}/progress")["HX-Refresh"] == "true"
    assert "hx-get" not in shown(browser, address).partition('id="progress"')[2][:200]


def test_those_who_send_are_told_when_a_batch_has_ended(browser: Client, officer: User) -> None:
    address = sent(browser, penalties(NUMBER.format(1), ""))
    assert not Notice.objects.exists()
    complete_waiting()
    notice = Notice.objects.get(user=officer)
    assert notice.url == address
    assert "退回1行" in notice.zh
    assert "1 rejected" in notice.en


def test_the_same_file_uploaded_twice_is_one_batch(browser: Client) -> None:
    first = sent(browser, penalties(NUMBER.format(1)))
    assert sent(browser, penalties(NUMBER.format(1))) == first
    assert Batch.objects.count() == 1


def test_a_personal_number_in_a_rejected_row_is_masked_on_the_page(browser: Client) -> None:
    number = "350102199003071235"  # its check digit is wrong
    row = example(
        "penalty", CF_WSH=NUMBER.format(1), CF_XDR_LB="自然人", CF_XDR_ZJLX="身份证", CF_XDR_ZJHM=number
    )
    address = sent(browser, file_of([row]))
    complete_waiting()
    receipt = shown(browser, address)
    assert Batch.objects.get().rejected == 1
    assert number not in receipt


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "empty.csv", "是空的"),
        (None, "", "请选择一个文件"),
    ],
)
def test_what_is_no_file_is_said_on_the_form(
    browser: Client, content: bytes | None, name: str, message: str
) -> None:
    page = sent(browser, None if content is None else named(content, name))
    assert message in page
    assert list(checked(page).finish()) == []
    assert not Batch.objects.exists()


def bomb() -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", b" " * 300_000_000)
    return packed.getvalue()


@pytest.mark.parametrize("kind", ["nonsense", "bomb"])
def test_a_file_that_is_no_table_is_refused_with_what_to_do(browser: Client, kind: str) -> None:
    content = bomb() if kind == "bomb" else bytes(range(256)) * 40
    address = sent(browser, named(content, "表.xlsx"))
    complete_waiting()
    page = shown(browser, address)
    assert "文件没有收下" in page
    assert "怎样改正" in page
    assert Batch.objects.get().kept == 0


def test_a_file_beyond_the_limit_is_refused_on_the_form(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LARGEST", 10)
    assert "超过" in sent(browser, penalties(NUMBER.format(1)))
    assert not Batch.objects.exists()


def test_the_name_of_a_file_is_not_believed(browser: Client) -> None:
    file = penalties(NUMBER.format(1))
    file.name = "..\\..\\etc\\<b>\u202epas\u0007swd.csv"
    address = sent(browser, file)
    assert Batch.objects.get().file_name == "<b>passwd.csv"
    assert "&lt;b&gt;passwd.csv" in shown(browser, address)


def test_an_organisation_sends_only_what_the_catalogue_lets_it(database: str) -> None:
    browser = browser_of(person("carrier"))
    page = shown(browser, "/work/batches/new")
    assert 'value="penalty"' not in page
    assert "请选择报送项目" in sent(browser, penalties(NUMBER.format(1)))
    assert not Batch.objects.exists()


def test_an_organisation_that_nobody_confirmed_can_not_send_yet(database: str) -> None:
    unknown = note_organisation(code=None, name="某某单位", role="department")
    page = sent(browser_of(person("department_officer", organisation=unknown)), penalties(NUMBER.format(1)))
    assert "尚未确认" in page
    assert not Batch.objects.exists()


def test_who_acts_for_several_organisations_says_for_which(browser: Client, officer: User) -> None:
    other = note_organisation(code=None, name="福建省税务局", role="department", confirmed=True)
    GivenRole.objects.create(
        user=officer, role="department_officer", organisation=other, region="350000", given_by="test"
    )
    assert "请选择报送单位" in sent(browser, penalties(NUMBER.format(1)))
    sent(browser, penalties(NUMBER.format(1)), organisation=str(other.pk))
    assert Batch.objects.get().source_id == other.pk


def test_nobody_sends_for_an_organisation_of_others(browser: Client) -> None:
    other = note_organisation(code=None, name="福建省税务局", role="department", confirmed=True)
    assert "请选择报送单位" in sent(browser, penalties(NUMBER.format(1)), organisation=str(other.pk))
    assert not Batch.objects.exists()


def test_a_batch_of_others_can_be_neither_seen_nor_followed(browser: Client) -> None:
    address = sent(browser, penalties(NUMBER.format(1), ""))
    complete_waiting()
    other = note_organisation(code=None, name="福建省税务局", role="department", confirmed=True)
    stranger = browser_of(person("department_officer", organisation=other))
    for path in (address, f"{address}/progress", f"{address}/rejects.xlsx"):
        assert stranger.get(path).status_code == 404
    assert "penalties.csv" not in shown(stranger, "/work/batches")
    number = address.rsplit("/", 1)[-1]
    assert "没有编号为" in sent(stranger, penalties(NUMBER.format(7)), follows=number)
    assert Batch.objects.count() == 1


@pytest.mark.obligation("12.2a")
def test_who_sees_all_batches_still_gets_no_rejected_rows_in_the_clear(browser: Client) -> None:
    address = sent(browser, penalties(NUMBER.format(1), ""))
    complete_waiting()
    auditor = browser_of(person("auditor"))
    assert "只供报送单位下载" in shown(auditor, address)
    assert auditor.get(f"{address}/rejects.xlsx").status_code == 403
    assert not Batch.objects.get().receipt_given


@pytest.mark.parametrize("role", ["reviewer", "administrator", "merchant"])
def test_other_roles_neither_send_nor_see_batches(database: str, role: str) -> None:
    user = person(role, subject=1) if role == "merchant" else person(role)
    browser = browser_of(user)
    for path in ("/work/batches", "/work/batches/new", "/work/batches/1", "/work/quality"):
        assert browser.get(path).status_code == 403, path


def test_without_the_second_factor_nothing_can_be_sent(officer: User) -> None:
    answer = browser_of(officer, second_factor=False).post("/work/batches/new", {"item": "penalty"})
    assert answer.status_code in (302, 403)
    assert not Batch.objects.exists()


def test_the_list_filters_orders_pages_and_exports(browser: Client) -> None:
    for number in range(3):
        sent(browser, penalties(*(NUMBER.format(f"{number}{row}") for row in range(number + 1))))
    sent(browser, penalties("", ""))
    complete_waiting()
    everything = shown(browser, "/work/batches")
    assert everything.count("penalties.csv") >= 4
    assert "/work/batches/4" in everything
    kept = browser.get("/work/batches?format=csv&stage=kept&order=-rejected")
    assert kept.content.decode("utf-8-sig").splitlines()[1].startswith("4,")
    assert shown(browser, "/work/batches?stage=refused").count("penalties.csv") == 0
    assert shown(browser, "/work/batches?item=penalty&until=2020-01-01").count("penalties.csv") == 0


def test_before_the_first_file_the_list_says_how_to_begin(browser: Client) -> None:
    assert "还没有报送过文件" in shown(browser, "/work/batches")


def test_the_form_preselects_the_item_and_offers_its_template(browser: Client) -> None:
    page = shown(browser, "/work/batches/new?item=penalty&operation=correction")
    assert "/catalogue/penalty/template.xlsx" in page
    assert 'value="penalty" selected' in page


def test_organisations_come_from_the_grants_alone(browser: Client) -> None:
    assert Organisation.objects.count() == 1
    assert "福建省市场监督管理局" in shown(browser, "/work/batches/new")
