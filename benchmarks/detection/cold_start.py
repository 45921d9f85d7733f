"""The first three days: our detector compared with an e-detector, which needs no calibration (Shin, Ramdas & Rinaldo 2023).

    python -m benchmarks.detection.cold_start --seed 4

An e-detector multiplies e-values: ratios whose mean is at most one as long as nothing has changed. Summed over the
possible onsets (as Shiryaev-Roberts does) it exceeds a threshold of A at most once in A minutes, whatever the reports
look like, as long as they belong to the class that counts as unchanged. On the first day it is difficult to choose that
class, because the rate may rise tenfold by the morning. Here it is "at most `margin` times the mean rate so far". A
report that is not the first in its server counts half, because it may be a copy. `--margin` shows what a narrower or
wider class costs.
"""
import argparse
from math import exp, log

import numpy as np

from benchmarks.detection import score, sim
from bot.core.outages import OutageDetector

FIRST = 3 * sim.DAY
SIZES = (2.0, 3.5, 7.0, 15.0, 40.0, 100.0)


class EDetector:
    """Says 'likely' when its sum exceeds the minutes of a month, until the rate was below the bound for an hour."""

    BAR = log(30 * sim.DAY)

    def __init__(self, margin):
        self.margin, self.people, self.minutes, self.late = margin, 1.0, 5.0, []
        self.sums, self.servers, self.quiet, self.alarm = [0.0] * len(SIZES), 0, 0, False

    def update(self, minute, count, servers):
        bound = self.margin * self.people / self.minutes
        fresh = min(max(servers - self.servers, 0), count)
        weight, self.servers = fresh + (count - fresh) / 2, servers
        self.sums = [min((s + 1) * exp(weight * log(size) - bound * (size - 1)), 1e30) for s, size in zip(self.sums, SIZES)]
        if not self.alarm:                               # counts are learned after an hour
            self.late.append(count)
            if len(self.late) > 60:
                self.people, self.minutes = self.people + self.late.pop(0), self.minutes + 1
            self.alarm, self.quiet = log(max(sum(self.sums) / len(SIZES), 1e-9)) >= self.BAR, 0
        else:
            self.quiet = self.quiet + 1 if count <= bound else 0
            if self.quiet >= 60:
                self.alarm, self.sums = False, [0.0] * len(SIZES)
        return "likely" if self.alarm else "normal"


def first_days(make, c, seeds, fam=sim.Outage("cold_x10", 10, when="cold")):
    """False alarms in the first three days; share of the first day's outages that were found, and their blind time."""
    false, blind, found = 0, [], []
    for s in seeds:
        tl = score.timeline(c, s)
        states = np.array(score.play(make(), tl.counts[:FIRST], tl.servers15[:FIRST]))
        false += len(score.rises(states == "likely"))
        for onset in sim.onsets(tl, fam, score.WARM, 720, s):
            x, y, dur = sim.inject(tl, fam, onset, s)
            det = make()
            score.play(det, tl.counts[:onset], tl.servers15[:onset])
            on = np.array(score.play(det, x[:dur], y[:dur], onset)) == "likely"
            found.append(on.any())
            blind.append(int(on.argmax()) if on.any() else dur)
    return false / len(seeds), np.mean(found), np.mean(blind)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--margin", default="2,4,8")
    p.add_argument("--timelines", type=int, default=30)
    a = p.parse_args()
    makes = {"ours": OutageDetector}
    makes |= {f"e-detector, margin {m}": lambda m=float(m): EDetector(m) for m in a.margin.split(",")}
    for c in sim.USUAL:
        for name, make in makes.items():
            false, found, blind = first_days(make, sim.COMMUNITIES[c], score.seeds_for("null", a.seed, a.timelines))
            print(f"{c:8} {name:24} false in three days {false:.2f}; of the first day's outages (x10) found {found:.0%}, "
                  f"blind {blind:.0f} min", flush=True)


if __name__ == "__main__":
    main()
