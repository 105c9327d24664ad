"""What the page about the supervision models says around its tables."""

from __future__ import annotations

HEAD = """# 线索模型评测 Evaluation of the supervision models

每个模型在虚构的市场上受测，与简单的排序方法并列；没有人在这些种子上调过参数。Every detector on invented
markets, beside plain ways of ranking; nobody tuned anything on their seeds. Figures are means over the
seeds with Student's 95 % intervals.

- *AP* is average precision, *AUC* the chance that a guilty one stands before an honest one. Entities
  that a method doesn't list come last, tied; guilty ones among them count as missed.
- *Levels* are the schemers' skill: 1 clumsy, 2 careful, 3 like the best. The columns *level 1* to
  *level 3* hold the precision within the places; a level is measured against the honest alone.
- *Ahead by* is the difference in average precision to the best of the other ways, seed by seed. The
  other ways are every single signal, FRAUDAR, an isolation forest, and boosted trees taught with the
  truth of other markets.

## 总览 Summary
"""

PLACES = """## 名额 Places

*Places* is how many of a list are looked at: {places}.

They are ours, no source states any. Twenty is what the queue of leads gives an office for a day unless
the office says otherwise. Buyers, ratings, orders and waybills are read off a few rows each: five times
as many are looked at; of products fifty; of couriers, domains and accounts, of which few are guilty,
ten. Where fewer are guilty than there are places, the places are as many as the guilty: no list could
do better. Ties at the last place count by expectation.
"""

CUT = """## 时间切分 Split in time

Each market's months are cut in the middle. *Before*: every detector is asked at the cut about what was
known then; orders that arrived later are still on their way, refunds that came later haven't happened.
*After*: it is asked at the end about what began after the cut, and sees no trade from before it. The
boosted trees are taught at the cut, on other markets as they were known then, with the schemes that had
been at work by then, and are asked the same questions. Sought is whoever did at least a fifth of all
his misdeeds within the half; whoever did less there is left out of the list, neither found nor a false
alarm. *Precision* is the detector's, within the places.
"""

HELD = """## 未见过的手法 Schemes held out

Boosted trees are taught once with everything, and once without each level of skill and each kind of
scheme: whoever took part in what is held out is left out of the lessons. What they make of it when they
meet it stands in the last column. Detectors have never seen a label. All figures are average precision
against the honest alone.
"""

DETAILS = """## 逐个模型 Detector by detector

*Signal x* is the detector's own list, sorted by how far that one signal lies above what is usual:
harder to beat than the signal over everybody. Single signals are measured over all levels together.
"""

NOTE = """## 这些数字怎么来的 How these figures come about

`make eval` writes a market of about {orders:,} honest orders for each seed ({seeds}), asks every
detector about it, and holds the list against the truth, which lies outside the lake. Learning machines
are taught on seeds {learn}. `make eval ARGS="--detector brushing --keep rows.jsonl"` measures one
detector anew and keeps the figures of the others; `ARGS="--from rows.jsonl"` writes the page from kept
figures; `--jobs 2` asks two markets at once.

- **Features.** The isolation forest (Liu et al., ICDM 2008) and the boosted trees (scikit-learn's
  histogram gradient boosting, as it comes) see of each entity: plain counts and means out of the lake
  (orders, buyers, amounts, refunds, ratings, visits, scans, quotes, look-ups …); the value of every
  signal that the detector's lead names and how far it lies beyond what is usual, 0 where there is none;
  whether there is a lead, and how many leads its ring has; of brushing shops every test of every shop.
  So they start from the detector's own evidence, and the trees know the truth of four markets besides.
  They learn from all guilty, all whom the detector listed and an even draw of {honest:,} others of each
  market, weighed for those they stand for; the guilty weigh as much as all the honest.
- **FRAUDAR** (Hooi et al., KDD 2016) sees who dealt with whom: buyers and shops (`brushing`), who rated
  whom well (`inflated_ratings`) or badly (`malicious_ratings`), visitors and shops (`fake_traffic`).
  The other detectors are about entities without such a graph.
- **Limits.** The markets are invented: what holds on them need not hold elsewhere, and a machine that
  learnt from such markets is at home in them.
"""
