"""Score outage detectors on the simulator.

    python -m benchmarks.detection.score --seed 2 --fast          # our detector against the oracle, a fifth of the data
    python -m benchmarks.detection.score --seed 3 --set chatter=0.4,peak_trough=10     # other communities
    python -m benchmarks.detection.score --seed 3 --communities others --brief         # unusual communities
    python -m benchmarks.detection.score --seed 5 my_module:MyDetector    # another detector (it sets its own threshold)
    python -m benchmarks.detection.score --seed 3 --brief --communities tides benchmarks.detection.oracle:moodless
Rules
  false alarm  a change into 'likely' on a timeline without any outage, per 30 days, after 14 days of history
  delay        minutes from the onset to the END of the minute in which 'likely' is first said. A detector that
               already says 'likely' at the onset gets no credit. The delay of a missed outage is infinite, so missing
               the hard ones does not improve the median and p90.
  in time      share of the outages that are found within 3.5 minutes, and within 5 (as in TingIS, 2026)
  blind        blind time: mean of min(delay, duration), the minutes of an outage without an alarm. The ratio is to the
               oracle's blind time
  recovery     minutes from the end of the outage until 'likely' is left, if it was held to the end
  early        share of detected outages in which 'likely' was left before the outage ended
  raid         raid alarms: share of one-server raids that become 'likely'
  bad month    20 outages (x10) and 6 raids in 30 days, played in sequence: is the baseline still right?
"""
import argparse
import copy
import importlib
import time
from dataclasses import replace
from functools import lru_cache
from multiprocessing import Pool

import numpy as np

from benchmarks.detection import oracle as D
from benchmarks.detection import sim, tables

IN_TIME = (3.5, 5)
SIZES = ("jump_x3", "jump_x5", "jump_x10", "jump_x30", "jump_x100")
WARM, DAYS, TARGET = 14, 74, 1.0     # days of history before scoring starts; days of a timeline; false alarms per 30 days
OURS = "bot.core.outages:OutageDetector"
COLD_DAYS, COLD = 3, 200             # length in days, and number of services


@lru_cache(maxsize=64)
def timeline(c, seed):
    return sim.timeline(c, DAYS, seed)


def seeds_for(kind, seed, n):
    """Calibration, false-alarm and outage seeds never overlap."""
    return [seed * 100_000 + {"calibrate": 0, "null": 10_000, "outage": 20_000, "cold": 30_000}[kind] + i for i in range(n)]


def build(make, tl, fam, h):
    """Build a detector. Only a factory marked `oracle` gets the truth."""
    det = make(tl, fam) if getattr(make, "oracle", False) else make()
    if h is not None:
        det.h = h
    return det


def play(det, counts, servers, start=0):
    return [det.update(start + i, n, k) for i, (n, k) in enumerate(zip(counts, servers))]


def evidence(det, tl):
    """The statistic of a detector that never raises an alarm, minute by minute."""
    if hasattr(det, "whole"):
        return det.whole(tl.counts)
    stat = np.empty(len(tl.counts))
    for m, (n, k) in enumerate(zip(tl.counts, tl.servers15)):
        det.update(m, n, k)
        stat[m] = det.stat
    return stat


def calibrate(make, c, seeds, fam=None, target=TARGET, gap=60):
    """The smallest threshold with at most `target` separate exceedances per 30 outage-free days."""
    stats = [evidence(build(make, timeline(c, s), fam, float("inf")), timeline(c, s))[WARM * sim.DAY:] for s in seeds]
    high = np.unique(np.concatenate([s[s > 0] for s in stats] + [[1e-6]]))[-200_000:]
    months = sum(map(len, stats)) / sim.DAY / 30

    def rate(h):
        return sum(1 + int((np.diff(i) > gap).sum()) for i in (np.flatnonzero(s >= h) for s in stats) if len(i)) / months
    lo, hi = 0, len(high) - 1
    while lo < hi:
        mid = (lo + hi) // 2
        lo, hi = (lo, mid) if rate(high[mid]) <= target else (mid + 1, hi)
    return float(high[lo]) if rate(high[lo]) <= target else float(high[lo]) * 1.0001 + 1e-6


def rises(on):
    return np.flatnonzero(on & ~np.r_[False, on[:-1]])


def normal_life(make, c, seeds, h=None, fam=None):
    """False alarms and suspicions on timelines without outages, at this threshold."""
    late = held = warn = spent = updates = 0
    for s in seeds:
        tl = timeline(c, s)
        det, t0 = build(make, tl, fam, h), time.process_time()
        states = np.array(play(det, tl.counts, tl.servers15))
        spent, updates = spent + time.process_time() - t0, updates + len(states)
        on, up = states == "likely", rises(states == "likely")
        late += int((up >= WARM * sim.DAY).sum())
        held += int(on[WARM * sim.DAY:].sum())
        warn += len(rises((on | (states == "possible"))[WARM * sim.DAY:]))
    months = len(seeds) * (DAYS - WARM) / 30
    return dict(fa_30d=late / months, possible_30d=warn / months, false_minutes_30d=held / months, us=1e6 * spent / updates)


def first_days(make, c, seeds):
    """False alarms in the first three days of a service. They are rare, so there are many short timelines."""
    false = 0
    for s in seeds:
        tl = sim.timeline(c, COLD_DAYS, s)
        false += len(rises(np.array(play(make(), tl.counts, tl.servers15)) == "likely"))
    return false / len(seeds)


def branch(d, state, start, counts, servers, dur, lead=0):
    """Play one outage after `lead` minutes: (delay, duration, recovery, left early, minutes to 'possible')."""
    states = ([state] + play(d, counts, servers, start))[lead:]
    on = np.array(states) == "likely"
    up = rises(on[:dur + 1])
    up = up[up > 0] if not (lead and on[0]) else np.ones(1, int)   # the alarm of the outage before it is still on: no blind time
    if not len(up):
        delay, recovery, early = np.inf, np.nan, False
    else:
        delay = int(up[0])
        early = not on[delay:dur + 1].all()
        left = np.flatnonzero(~on[dur:])
        recovery = int(left[0]) if on[dur] and len(left) else (np.inf if on[dur] else np.nan)
    warned = np.flatnonzero([x in ("likely", "possible") for x in states[1:dur + 1]])
    return delay, dur, recovery, early, int(warned[0]) + 1 if len(warned) else np.inf


def outages(make, c, seeds, families, h=None, raids=True, every=720):
    """Play the outages of every family as branches of the same timelines."""
    res, raid = {f.name: [] for f in families}, []
    truth = getattr(make, "oracle", False)
    for s in seeds:
        tl = timeline(c, s)
        for group in ([[f] for f in families] if truth else [families]):     # the oracle differs per family
            plan = {}
            for f in group:
                for o in sim.onsets(tl, f, WARM, every, s):
                    plan.setdefault(o - f.lead, []).append(f)
            if raids and c.servers > 1:
                for o in sim.onsets(tl, sim.Outage("raid", 1), WARM, every, s):
                    plan.setdefault(o, []).append(None)
            det, state = build(make, tl, group[0], h[group[0].name] if truth else h), "normal"
            for m in range(max(plan, default=-1) + 1):
                for f in plan.get(m, ()):
                    d = copy.deepcopy(det)
                    if f:
                        res[f.name].append(branch(d, state, m, *sim.inject(tl, f, m + f.lead, s), f.lead))
                    elif state != "likely":
                        raid.append("likely" in play(d, *sim.inject_raid(tl, m, s), m))
                state = det.update(m, tl.counts[m], tl.servers15[m])
    return res, raid


def bad_month(make, c, seeds, h=None):
    """Play outages about every 36 h and a raid every 5 days, in sequence."""
    fam, got, n, false, delays = sim.Outage("jump_x10", 10), 0, 0, 0, []
    for s in seeds:
        tl, rng = timeline(c, s), np.random.default_rng([s, 5])
        counts, servers, busy, at = list(tl.counts), list(tl.servers15), [], WARM * sim.DAY
        end = (WARM + 30) * sim.DAY
        while True:
            at += int(rng.integers(900, 2300))
            if at > end - 700:
                break
            x, y, dur = sim.inject(tl, fam, at, s)
            counts[at:at + len(x)], servers[at:at + len(y)] = x, y
            busy.append((at, dur))
            if rng.random() < 0.3 and c.servers > 1:
                x, y = sim.inject_raid(tl, at + 800, s)
                counts[at + 800:at + 800 + len(x)], servers[at + 800:at + 800 + len(y)] = x, y
        on = np.array(play(build(make, tl, fam, h), counts[:end], servers[:end])) == "likely"
        up, used = rises(on), set()
        for o, dur in busy:
            mine = [u for u in up if o <= u < o + dur]
            used.update(u for u in up if o <= u < o + dur + 30)
            n, got = n + 1, got + bool(mine)
            delays.append(mine[0] - o + 1 if mine else np.inf)
        false += sum(1 for u in up if u >= WARM * sim.DAY and u not in used)
    return dict(false_30d=false / len(seeds), missed=1 - got / n, median=float(np.quantile(delays, .5, method="higher")))


def summary(rows):
    a = np.array(rows, float)
    d, got = a[:, 0], np.isfinite(a[:, 0])
    q = lambda x, p: float(np.quantile(x, p, method="higher")) if len(x) else float("nan")
    rec = a[got, 2][~np.isnan(a[got, 2])]
    return dict(n=len(a), median=q(d, .5), p90=q(d, .9), missed=float(1 - got.mean()),
                blind=float(np.minimum(d, a[:, 1]).mean()), within=[float((d <= most).mean()) for most in IN_TIME], possible_median=q(a[:, 4], .5),
                recovery=q(rec, .5), recovery_p90=q(rec, .9), early=float(a[got, 3].mean()) if got.any() else 0.0)


def oracle(tl, fam):
    return D.Oracle(tl, fam.profile(240))


oracle.oracle = True


def score(make, c, seed=1, families=sim.FAMILIES + sim.FURTHER_FAMILIES, n_cal=30, n_null=30, n_out=8, every=720):
    """The full report for one detector on one community. Detectors with `own_threshold` are not calibrated."""
    cal, null, out = (seeds_for(k, seed, n) for k, n in (("calibrate", n_cal), ("null", n_null), ("outage", n_out)))
    t0 = time.time()
    if getattr(make, "oracle", False):
        groups = {}
        for f in families:                               # the same size and shape need the same oracle: calibrate it once
            groups.setdefault(tuple(np.round(f.profile(240), 6)), []).append(f)
        h = {}
        for fs in groups.values():
            h.update(dict.fromkeys((f.name for f in fs), calibrate(make, c, cal, fs[0])))
        life, month = {}, {}
        rows, raid = outages(make, c, out, families, h, raids=False, every=every)
    else:
        h = None if getattr(make, "own_threshold", True) else calibrate(make, c, cal)
        life = normal_life(make, c, null, h)
        rows, raid = outages(make, c, out, families, h, every=every)
        month = bad_month(make, c, null, h)
        life["cold_fa_3d"] = first_days(make, c, seeds_for("cold", seed, COLD))
    return dict(community=c.name, seed=seed, h=h, **life, raid=float(np.mean(raid)) if raid else None, raids=len(raid), month=month,
                months=n_null * (DAYS - WARM) / 30, bad_months=n_null,
                families={k: summary(v) for k, v in rows.items() if v}, seconds=round(time.time() - t0))


def compare(r, o, families=sim.FAMILIES):
    """Ratios to the oracle, over the families in which the oracle catches at least half of the outages."""
    names = [f.name for f in families if f.name in r["families"] and f.name != "cold_x10"]
    ok = [k for k in names if o["families"][k]["missed"] < 0.5]
    gm = lambda key: float(np.exp(np.mean([np.log(min(r["families"][k][key], 480) / min(o["families"][k][key], 480)) for k in ok])))
    return dict(ratio=gm("blind"), median_ratio=gm("median"), p90_ratio=gm("p90"), families=len(ok))


def _job(a):
    name, cname, seed, changes, kw = a
    if name == "Oracle":
        make = oracle
    else:
        mod, cls = name.split(":")
        make = getattr(importlib.import_module(mod), cls)
    return name, score(make, replace(sim.COMMUNITIES[cname], **changes), seed, **kw)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("detector", nargs="?", default=OURS, help="module:Class")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--communities", default="usual", help="usual, others, or names from sim.COMMUNITIES")
    p.add_argument("--set", default="", help="change fields of sim.Community, e.g. chatter=0.4,mood_sd=0.3")
    p.add_argument("--fast", action="store_true", help="a fifth of the data, for a quick test")
    p.add_argument("--brief", action="store_true", help="even less data: half of the outages, and none that rises slowly or fades")
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("--families", action="store_true", help="also show each family of outages")
    a = p.parse_args()
    kw, kind = (dict(n_cal=20, n_null=6, n_out=2), "fast") if a.fast else ({}, "full")
    if a.brief:                                          # an oracle for a changing size takes most of the time
        sudden = tuple(f for f in sim.FAMILIES + sim.FURTHER_FAMILIES if not f.ramp and not f.fade)
        kw, kind = dict(n_cal=20, n_null=8, n_out=2, families=sudden, every=1440), "brief"
    kinds = {k: type(v) for k, v in vars(sim.COMMUNITIES["quiet"]).items()}
    changes = {k: kinds[k](v) for k, v in (x.split("=") for x in a.set.split(",") if x)}
    others = ",".join(c for c in sim.COMMUNITIES if c not in sim.USUAL)
    names = {"usual": ",".join(sim.USUAL), "others": others}.get(a.communities, a.communities).split(",")
    jobs = [(n, c, a.seed, changes, kw) for c in names for n in ("Oracle", a.detector)]
    done = {}
    with Pool(a.jobs) as pool:
        for name, r in pool.imap(_job, jobs):
            done[name] = r
            if name == a.detector:
                show(r, done["Oracle"], a.families)
                if a.detector == OURS and not changes:
                    tables.keep("score", r["community"], kept(r, done["Oracle"]) | {"kind": kind})


def kept(r, o):
    """The figures for the tables of the README."""
    within = {k.removeprefix("jump_"): (r["families"][k]["within"], o["families"][k]["within"]) for k in SIZES}
    return dict(seed=r["seed"], ratio=compare(r, o)["ratio"], further=compare(r, o, sim.FURTHER_FAMILIES)["ratio"], false=r["fa_30d"],
                months=r["months"], cold=r["cold_fa_3d"], bad=r["month"]["false_30d"], bad_months=r["bad_months"], raid=r["raid"] or 0.0,
                raids=r["raids"], us=r["us"], possible=r["possible_30d"], within=within,
                blind={k: (v["blind"], o["families"][k]["blind"]) for k, v in r["families"].items()})


def show(r, o, families):
    usual = r["community"] in sim.USUAL
    limits = (1.15, 1, 0.1, 1, "10 %") if usual else (1.3, 2, 0.2, 2, "15 %")
    print(f"{r['community']:8} blind time / oracle's {compare(r, o)['ratio']:.2f} (target {limits[0]}), "
          f"in the further families {compare(r, o, sim.FURTHER_FAMILIES)['ratio']:.2f}", end="")
    if "fa_30d" in r:                                    # an oracle is calibrated to one in 30 days
        print(f"; false alarms in 30 days {r['fa_30d']:.2f} ({limits[1]}), in the first 3 days {r['cold_fa_3d']:.2f} ({limits[2]}), "
              f"bad month {r['month']['false_30d']:.2f} ({limits[3]}); raid alarms {r['raid'] or 0:.0%} ({limits[4]}); "
              f"possible {r['possible_30d']:.1f} in 30 days; {r['us']:.1f} us (20)", end="")
    print()
    for i, most in enumerate(IN_TIME):
        print(f"    found within {most} minutes: " + ", ".join(
            f"{k.removeprefix('jump_')} {r['families'][k]['within'][i]:.0%} (oracle {o['families'][k]['within'][i]:.0%})"
            for k in SIZES), flush=True)
    if families:
        for k, v in r["families"].items():
            print(f"    {k:12} blind {v['blind']:6.1f} min, oracle {o['families'][k]['blind']:6.1f}; delay {v['median']:.0f} / "
                  f"{v['p90']:.0f}; missed {v['missed']:.0%}; recovery {v['recovery']:.0f}; early {v['early']:.0%}")


if __name__ == "__main__":
    main()
