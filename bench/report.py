"""The figures as text: for the terminal, and as the page docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bench.figures import Part, table
from bench.machine import described

_PAGE = """# Benchmarks

How fast the main jobs are, measured side by side with other ways of doing them, in one run of one command:

    {command}

(`make bench` sets up what the peers need and runs it.) Measured on {day}; the load average of the machine
was {busy:.1f} when the run began:

{machine}

## Figures

Rates are this project's and its peers'; "ours is" says how many times as fast this project's way is. Memory
is the highest resident memory of all processes of a way, looked at four times a second (memory that two
processes share counts twice); PostgreSQL's is told apart, its shared buffers counted once.

{figures}

## What is compared

**Ingest.** The file is what a province's monthly full export looks like: every column of the item, headings
by code, none of the rows faulty. Taking it in means: read, check every value and the conditions between
fields against the catalogue, work out how long each row may be shown and by which law, find its subject or
make a new one, seal its personal numbers, recognise duplicates, hash it into the ledger, keep it with its
indexes, sign the head. The peers do a part of that each: Polars only reads; COPY only writes (the floor of
anything that keeps rows in PostgreSQL); frictionless only checks: once by a Table Schema (types, required
fields, lengths, choices), once by the same rules as the ingest (`bench/rules.py`). Each runs in a process
of its own.

Where its time goes: about half is PostgreSQL's, and of that most is the search index of new subjects' names
(some forty entries a name), then the three indexes of the records and the journal of a gigabyte; the other
half is spent on spelling names out, sealing numbers, hashing and resolving, of which only reading, checking
and preparing run beside the database. A bare COPY of texts does none of this, so the reach of twice its time
is missed by as much as the table says; a file about subjects that are known already takes less.

**Look-up.** The archive holds subjects and penalties of the demonstration, written straight into the sealed
tables (`bench/fill.py`), or is the home that was named. The same answers from the same database and the
same settings of the connection: the peers are what one would write by hand for speed (`bench/peer.py`):
FastAPI, asyncpg with a pool and prepared statements, uvicorn with uvloop and httptools, no access log. One
lets PostgreSQL make the JSON (`bench/statement.py`) and passes it through; the other runs this project's
own statement and puts the answer together with this project's own code, so that only the way between the
socket and the database differs. This project's server does more for each request: ETag and conditional
answers, security headers, the check of the host. The load generator (`bench/load.py`) is the same for all,
and the servers are asked in turn.

**Screening.** One list through the command line, loading and printing included.

**Nightly run.** `chengxin nightly` on a copy of an archive as of the look-up, with the organisations of the
demonstration, and one subject in a hundred listed by a court. At first everything is new to it; then come
days with so many changes (`bench/night_work.py`): records, decisions that are to be published, entries
whose last day was yesterday. It opens a case with reasons and cited records for whoever qualifies, each
step a leaf of the ledger, and sends the measures of what is published to all who must act. The same days
pass over an archive a tenth as large: that shows what the cost grows with. The floor is a bare scan of all
records, grouped by subject. The peer is the job that one would write without watermarks: every night each
list's rule is asked of everybody in SQL, and who has no case is kept in a table, with neither reasons,
cases nor ledger; it is run last, and what it finds had been missed. The usual size is 100,000 subjects with
500,000 records; in full it takes `make bench ARGS='--only nightly --nights 1000000'`, 25 GB of disk and
about an hour the first time.

**Supervision models.** The lake is invented (`bench/lake_fill.py`): every table of the contract, laid out
and ordered as `chengxin lake import` does it; a shop for a thousand orders, the biggest with 0.3 % of them,
five scans a parcel, three visits for two orders; one shop in some hundreds takes part in a scheme, so that
every detector has something to find.

One plain full scan with group-by of the lake is this: every table that the detectors read is scanned once,
on all columns that they read (DuckDB's own plans say which: `bench/lake_columns.py`), and grouped by its
natural key beside who reported it: orders by seller and buyer, scans by waybill, parcels by sender,
payments by payer, ratings by rater, visits by visitor, prices and listings by product, queries by account.
Of each group are reckoned how many rows it has; of times the first and the last, of numbers the sum, of
texts how many are there (`bench/lake_scans.py`). It is what one would write to look at everything once, and
what the ratio is made of. A scan of the orders alone, by seller, is told beside it: three columns of one
table, which answer nothing that a detector asks. Scans run on the same two cores as the detectors, the
files in the system's memory where they fit: by DuckDB bounded to 10 GB, as the detectors are, by Polars'
streaming engine, and by Spark for what is asked on Spark. `chengxin detect` is timed with all detectors in
one process, where what several need is reckoned once, and with each in a process of its own, over this lake
and over one a tenth as large. What fails, or takes more than 16 GiB, is a line of its table.

Both engines are asked about a smaller lake (`--spark-orders`), each lead laid beside the other's with its
score, signals and evidence. What was measured is kept as it comes: a run that was interrupted goes on where
it was. Lakes that are filled already are given by `--lake DIR`. In full it takes
`make bench ARGS='--only lake --orders 50000000 --write docs/benchmarks.md'`, 12 GB of disk and ten minutes
more the first time.
"""


def figures(parts: Sequence[Part]) -> str:
    """The tables of all parts."""
    return "\n\n".join(table(part) for part in parts)


def report(parts: Sequence[Part], command: str, day: date, busy: float) -> str:
    """The whole page. busy: load average of the last minute before the run."""
    return _PAGE.format(
        command=command,
        day=day.isoformat(),
        busy=busy,
        machine=described(),
        figures=figures(parts),
    )


def renewed(page: str, part: Part, command: str, day: date, busy: float) -> str:
    """A page with the figures of one part in the place of its last ones, else behind the others'.

    A part is known by what its title says before the colon.
    """
    before, compared, after = page.partition("\n## What is compared")
    head, *sections = before.split("\n### ")
    subject = part.title.partition(":")[0]
    at = next((at for at, one in enumerate(sections) if one.partition(":")[0] == subject), len(sections))
    alone = f"- Measured alone on {day.isoformat()} by `{command}`; load average {busy:.1f} when it began.\n"
    sections[at : at + 1] = [table(part).removeprefix("### ") + f"\n\n{alone}"]
    return "\n### ".join([head, *sections]) + compared + after
