"""What a file may cost: the bounds that keep memory and time in hand, whatever is sent.

They are chosen for honest files, with room to spare: a penalty record has 600 bytes and 30 columns, a
province's monthly full export a million rows.
"""

from __future__ import annotations

MIB = 1 << 20
BLANKS = " \t\r\n\v\f\u00a0\u200b\ufeff\u3000"
"""What is stripped from both ends of a value: the blanks of codes and the ideographic space."""

BLOCK_BYTES = 16 * MIB
"""The most text of one chunk. 8 MiB read slower, 32 MiB no faster, at twice the memory."""
BLOCK_LINES = 50_000
"""The most lines of one chunk, and so the most rows of one transaction."""
BLOCK_CELLS = 2_000_000
"""The most cells of one chunk, each at least 16 bytes in a frame: a row of commas is cheap to send."""
RECORD_BYTES = MIB
"""A quoted cell that goes on for more is a quote that was never closed."""
VALUE_BYTES = MIB // 4
"""The longest value, eight times what a cell of a workbook holds; its row is refused."""
COLUMNS = 1_000
"""The most columns of separated text; the widest item has 30."""
HEADING_ROWS = 10
"""The heading row is sought in so many rows from the top: titles and notes stand above it."""
NAMES = 100
"""So many unknown headings are remembered, each cut to NAME_LENGTH characters."""
NAME_LENGTH = 60

JSON_RECORD_CHARACTERS = 16 * MIB
"""The longest JSON record: members that the catalogue doesn't know, such as a picture, may be large."""
XML_DEPTH = 32
"""The deepest nesting of XML elements; an envelope and its records need five or six."""

ZIP_ENTRIES = 10_000
ZIP_UNPACKED_BYTES = 2048 * MIB
"""The most bytes of a workbook when unpacked, all parts together."""
ZIP_RATIO = 250
"""The most bytes out of one byte of a workbook, above ZIP_RATIO_FROM; sheets full of text reach 10 to 60."""
ZIP_RATIO_FROM = 64 * MIB

CHILD_MEMORY_BYTES = 2048 * MIB
"""Address space of the process that converts a workbook or tree."""
CHILD_SECONDS = 60
CHILD_SECONDS_PER_MIB = 3
"""The time of that process: CHILD_SECONDS, and so many more for each MiB of the file."""
SPOOL_BYTES = 64 * MIB
SPOOL_RATIO = 4
"""The text that it writes: SPOOL_BYTES, and SPOOL_RATIO times the (unpacked) file."""
