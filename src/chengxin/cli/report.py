"""Credit reports: make them, one or many, and hold a file against the ledger."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from chengxin.cli.terminal import (
    HomeOption,
    JsonOption,
    command,
    open_home,
    print_json,
    progress_bar,
    say,
    stop,
    today,
)

SUMMARY = "reports.csv"
FORMS = ("pdf", "html", "json")
NO_FOLDER = "多份报告请用--out给出目录 / for many reports, name a folder with --out"


class _CodesOrCommand(TyperGroup):
    """`report CODE` makes a report, `report verify FILE` verifies one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Let what isn't the name of a command follow `make`."""
        words = list(args)
        options: list[str] = []
        while len(words) > 2 and words[0] == "--home":  # may stand in front
            options, words = options + words[:2], words[2:]
        if words and words[0] in self.commands:
            words[1:1] = options
        elif words and words[0] not in ("-h", "--help"):
            words = ["make", *options, *words]
        return super().parse_args(ctx, words)


report = typer.Typer(
    name="report",
    cls=_CodesOrCommand,
    help="信用报告 Credit reports.\n\n`chengxin report CODE --out FILE.pdf` makes one (all options: "
    "`chengxin report make --help`); `chengxin report verify FILE.pdf` holds one against the ledger.\n\n"
    "Example: chengxin report 91350102MA2XAB0130 --out report.pdf",
    no_args_is_help=True,
)


@command
def make(
    codes: Annotated[
        list[str] | None,
        typer.Argument(help="统一社会信用代码等 / codes of the subjects", show_default=False),
    ] = None,
    home: HomeOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="文件；多份时为目录 / the file; a folder for many", show_default=False),
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help="pdf, html, json；默认按文件名 / else by the file's name")
    ] = "",
    listed: Annotated[
        Path | None,
        typer.Option("--codes", help="代码文件，一行一个 / file of codes, a line each", show_default=False),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="授权版 / the full version, not only what is public")
    ] = False,
    purpose: Annotated[
        str, typer.Option("--purpose", help="授权版的查询事由 / why the full version is needed")
    ] = "",
    kind: Annotated[str, typer.Option("--kind", help="查询目的 / kind of purpose")] = "supervision",
    by: Annotated[str, typer.Option("--by", help="经办人 / who asks")] = "",
    lang: Annotated[str, typer.Option("--lang", help="zh, en")] = "zh",
    as_json: JsonOption = False,
) -> None:
    """出具报告 Make sealed reports: signed PDF/A-3, HTML, JSON; without --out one is printed (not as PDF).

    Many codes go into a folder, with a summary in reports.csv; a code that fails doesn't stop the others.

    Example: chengxin report make 91350102MA2XAB0130 --out report.pdf
    """
    if lang not in ("zh", "en"):
        stop(f"没有语言“{lang[:20]}”，可用zh、en / no language '{lang[:20]}': zh or en")
    if not codes and listed is None:
        stop("请给出代码，或用--codes给出代码文件 / give a code, or a file of codes with --codes")
    chosen = form.lower() or _form_of(out, as_json)
    if chosen not in FORMS:
        stop(f"没有格式“{form[:20]}”，可用{'、'.join(FORMS)} / no format '{form[:20]}': {', '.join(FORMS)}")
    asked = [*(codes or ()), *_listed(listed)]
    one = listed is None and len(asked) == 1 and not (out and out.is_dir())
    if out is None and (chosen == "pdf" or not one):
        stop("请用--out给出PDF文件 / name the PDF file with --out" if one else NO_FOLDER)
    with open_home(home):
        from django.utils import translation

        from chengxin.reports import pdf

        if chosen == "pdf" and not pdf.available():
            stop("没有安装pdf附加组件：pip install 'chengxin[pdf]' / the extra 'pdf' is not installed")
        with translation.override({"zh": "zh-hans"}.get(lang, lang)):
            maker = _maker(full, purpose, kind, by)
            if one:
                _one(asked[0], out, maker, chosen, as_json)
            else:
                _many(asked, out, maker, chosen, as_json)


def _form_of(out: Path | None, as_json: bool) -> str:
    """The format that the name of the file says; PDF where it says none."""
    if out is None:
        return "json" if as_json else "pdf"
    ending = out.suffix.lower().lstrip(".")
    return {"htm": "html"}.get(ending, ending if ending in FORMS else "pdf")


def _maker(full: bool, text: str, kind: str, by: str) -> Any:
    """A function from a code to a sealed report."""
    from chengxin.reports import sealing

    if not full:
        return lambda code: sealing.public_report(code, today())
    from chengxin.accounts.permissions import at_the_console
    from chengxin.audit.rules import Purpose, purpose, purpose_kinds
    from chengxin.registry.queries import resolve

    kinds = purpose_kinds()
    if kind not in kinds:
        stop(
            f"没有查询目的“{kind[:20]}”，请从下列各项中选择 / no purpose '{kind[:20]}', choose one of: "
            f"{', '.join(kinds)}"
        )
    stated = purpose(kinds.values(), kind, text, "")
    if not isinstance(stated, Purpose):
        stop("\n".join(f"{one.zh}，{one.mend_zh} / {one.en}: {one.mend_en}" for one in stated))
    if not by.strip():
        stop("请用--by写明经办人 / say with --by who asks")
    actor = at_the_console(by.strip())

    def made(code: str) -> sealing.Made:
        subject = resolve(code, personal=True)
        if subject is None:
            raise sealing.Unknown
        return sealing.full_report(actor, subject, stated, today())

    return made


def _one(code: str, out: Path | None, maker: Any, form: str, as_json: bool) -> None:
    from chengxin.reports.sealing import Unknown

    try:
        if out is None:
            sys.stdout.buffer.write(_body(maker(code), form) + b"\n")
            return
        _write(out, b"")  # what can't be written is told before anything is sealed
        made = maker(code)
        _write(out, _body(made, form))
    except Unknown as unknown:
        stop(str(unknown), 1)
    if as_json:
        print_json({"number": made.number, "sha256": made.sha256, "file": str(out)})
    else:
        say(f"已出具第{made.number}号报告 {out} / report number {made.number}")


def _body(made: Any, form: str) -> bytes:
    """A report as a file of the format."""
    from chengxin.reports.html import report_html
    from chengxin.reports.pdf import pdf_of
    from chengxin.reports.sites import site

    if form == "json":
        body: bytes = made.body
        return body
    return pdf_of(made, site()) if form == "pdf" else report_html(made, site())


def _write(out: Path, body: bytes) -> None:
    """A file takes its name only when it is whole; without a body it is tried whether there can be one."""
    if out.exists() and not out.is_file():  # a pipe or a device has nothing to be kept
        if body:
            out.write_bytes(body)
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = out.with_name(f".{out.name[:200]}.{os.getpid()}.part")
    try:
        draft.write_bytes(body)
        if body:
            draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def _listed(file: Path | None) -> list[str]:
    """The codes of a file: the first value of each line."""
    if file is None:
        return []
    with file.open(encoding="utf-8-sig", errors="replace") as lines:
        return [code for line in lines if (code := line.strip().split(",")[0].strip())]


def _many(codes: Sequence[str], out: Path | None, maker: Any, form: str, as_json: bool) -> None:
    from chengxin.reports.sealing import Unknown

    if out is None or (out.exists() and not out.is_dir()):
        stop(NO_FOLDER)
    out.mkdir(parents=True, exist_ok=True)
    made_ones = failed = 0
    with (
        (out / SUMMARY).open("w", encoding="utf-8-sig", newline="") as file,
        progress_bar("信用报告 reports") as progress,
    ):
        summary = csv.writer(file)
        summary.writerow(["code", "number", "name", "version", "sha256", "file", "problem"])
        for code in codes:
            try:
                made = maker(code)
                name = f"{made.content['subject']['code']}-{made.number}.{form}"
                _write(out / name, _body(made, form))
                known = made.content
                row = [code, made.number, known["subject"]["name"], known["version"], made.sha256, name, ""]
                made_ones += 1
            except (Unknown, OSError, ValueError) as wrong:
                row = [code[:60], "", "", "", "", "", str(wrong)]
                failed += 1
            summary.writerow([_harmless(one) for one in row])
            file.flush()
            progress("made", made_ones, (made_ones + failed) / len(codes))
    if as_json:
        print_json({"made": made_ones, "failed": failed, "summary": str(out / SUMMARY)})
    else:
        say(f"出具{made_ones}份，未出具{failed}份，见{out / SUMMARY} / {made_ones} made, {failed} not")
    if failed:
        raise typer.Exit(1)


def _harmless(value: Any) -> Any:
    """Never a formula, whatever it begins with."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t" and value else value


@command
def verify(
    file: Annotated[
        Path, typer.Argument(help="报告的PDF或JSON文件 / PDF or JSON file of a report", show_default=False)
    ],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """核验报告 Check signature, content and ledger: 0, or 1 and what is wrong.

    Example: chengxin report verify report.pdf
    """
    from chengxin.reports.limits import LARGEST

    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
            size = max(len(content), file.stat().st_size)
    except FileNotFoundError:
        stop(f"没有这个文件：{file} / there is no such file", 1)
    except OSError as failed:
        stop(f"文件不能读取：{failed.strerror} {file} / the file can't be read", 1)
    with open_home(home):
        from chengxin.reports import faults, pdf, verifying, wording

        if not pdf.available():
            stop("没有安装pdf附加组件：pip install 'chengxin[pdf]' / the extra 'pdf' is not installed")
        if len(content) > LARGEST:
            verdict = verifying.Verdict((faults.too_large(size, LARGEST),))
        else:
            verdict = verifying.verify_file(content, today())
        if as_json:
            entry = verdict.sealed
            print_json(
                {
                    "holds": verdict.holds,
                    "number": entry.number if entry else None,
                    "version": entry.version if entry else None,
                    "made_on": entry.made_on.isoformat() if entry else None,
                    "problems": [one.as_dict() for one in verdict.problems],
                    "gone": {why: list(ids) for why, ids in verdict.gone.items()},
                    "ended_consequences": verdict.over,
                }
            )
        elif verdict.holds and verdict.sealed is not None:
            entry = verdict.sealed
            say(
                f"报告真实完整：第{entry.number}号，{entry.made_on} / the report holds: number {entry.number}"
            )
            for why, ids in verdict.gone.items():
                zh, en = wording.GONE[why]
                named = ", ".join(map(str, ids[:50]))
                say(f"此后{len(ids)}条{zh}：{named} / since then {len(ids)} {en}: {named}")
            if verdict.over:
                say(f"此后{verdict.over}项名单或措施已终止 / {verdict.over} lists or measures ended since")
        else:
            for one in verdict.problems:
                say(f"{one.zh}；{one.mend_zh} / {one.en}; {one.mend_en}")
        if not verdict.holds:
            raise typer.Exit(1)


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for function in (make, verify):
        report.command()(function)
    app.add_typer(report)
