"""How often Python looks for garbage in cycles, where much lives long."""

import gc

# Documents and states live long: looking through all of them for cycles every few hundred
# allocations was measured to cost up to 40 % of throughput and most of the slowest answers.
THRESHOLDS = (10_000, 50, 50)


def look_seldom() -> None:
    """From now on look seldom, and never at what there is already."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
