"""The supervision models: what looks wrong in the lake, as leads that a person can check. No database, no
verdict.

`declaring` says what a detector and its lead are; each detector is one file in `detectors`; `running` asks
them all.
"""
