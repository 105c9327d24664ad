"""The supervision models: what looks wrong in the lake, as leads that a person can check. No database, no
verdict.

`declaring` says what a detector and its lead are; each detector is one file in `detectors`; `running` asks
them all. Beneath stand the rooms of what detectors share, by what they look at (`trades`, `parcels`,
`opinions`, `goods`, `names`, `traffic`), and `statistics`, that all weigh with.
"""
