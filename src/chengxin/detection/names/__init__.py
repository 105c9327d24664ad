"""Names of shops and sites: what they are made to be taken for, and who is back under another one."""
