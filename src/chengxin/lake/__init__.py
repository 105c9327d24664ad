"""The lake: facts by the hundred million, as Parquet, one folder a table, read through Ibis on any engine.

`tables.toml` says what the tables hold and `contract` loads it; `importing` takes files in, `reading` gives
tables out.
"""
