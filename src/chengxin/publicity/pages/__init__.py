"""Pages, files and feeds of what is published; each calls the queries and does nothing else."""
