"""Writes the generated tables of the README: `python -m benchmarks.detection.tables`.

`score` and `habits` store their last results for each community in dist/detection, with the seed and the amount of data.
Only the text between the two markers is replaced; the text around it is written by hand.
"""
import json
from math import sqrt
from pathlib import Path

KEPT, DOCUMENT = Path("dist/detection"), Path(__file__).with_name("README.md")
BEGIN, END = "<!-- figures: written by `python -m benchmarks.detection.tables` -->", "<!-- end of figures -->"
USUAL = ("quiet", "typical", "busy")
OTHERS = {
    "six": "20 reports, 6 servers, flat day, moods of 35 %", "huge": "60 reports, 6 servers", "few": "3 reports, 3 servers",
    "pair": "1 report, 2 servers", "led": "8 reports, 20 servers, one has most of them", "moody": "3 reports, moods of 35 %, steep days",
    "tides": "20 reports, 80 servers, moods of 35 %, steep days", "flat": "3 reports, flat day", "weekends": "8 reports, three times as many at weekends",
    "growing": "3 reports, up to five times as many in a month", "loners": "20 reports, nobody copies", "copiers": "3 reports, half are copies",
    "five": "1 report, 5 servers", "thirty": "8 reports, 30 servers", "crowd": "60 reports, 200 servers"}
HABITS = {
    "honest": "reliable page (5 to 20 minutes late)", "late": "late page (half an hour or more)", "backdated": "late and backdated page",
    "stale": "reliable page, but a notice from months ago stays open", "never closed": "incidents stay open for days",
    "notices": "reliable page with notices without impact", "flapping": "page flaps at random", "maintenance": "late page with maintenance every five days",
    "another product": "daily trouble of another product", "silent": "silent page", "probe honest": "reliable probe (sees 6 outages in 10)",
    "probe flapping": "probe fails for minutes at random", "probe stuck": "probe fails for days", "probe unknown": "reliable probe that often cannot be read"}
TARGETS = {  # for the usual communities, and for unusual ones
    "ratio": (1.15, 1.3), "false": (1.0, 2.0), "cold": (0.1, 0.2), "bad": (1.0, 2.0), "raid": (0.1, 0.15), "us": (20.0, 20.0)}
WORDS = {"ratio": "blind time ÷ oracle's", "false": "false alarms in 30 days", "cold": "false alarms in the first 3 days",
         "bad": "false alarms in a bad month", "raid": "raid alarms", "us": "microseconds per update"}
HABIT = 1.1                              # the most blind time that a habit may cost, as a ratio


def keep(kind, name, result):
    """Store the last result of a community for the tables."""
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{kind}-{name}.json").write_text(json.dumps(result, indent=1), "utf-8")


def read(kind, names):
    files = {name: KEPT / f"{kind}-{name}.json" for name in names}
    return {name: json.loads(file.read_text("utf-8")) for name, file in files.items() if file.exists()}


def plain(key, value):
    return f"{value:.0%}".replace("%", " %") if key == "raid" else f"{value:.1f}" if key == "us" else f"{value:.2f}"


def missed(r, key, usual):
    return round(r[key], 2) > TARGETS[key][not usual]


def figure(r, key, usual):
    """A figure, in bold if it misses its target."""
    return f"**{plain(key, r[key])}**" if missed(r, key, usual) else plain(key, r[key])


def verdict(rs, usual):
    """How many targets are met, and the figures that miss theirs."""
    keys = [key for key in TARGETS if usual or key != "us"]
    parts = []
    for key in keys:
        if beyond := [f"{name} {plain(key, r[key])}" for name, r in rs.items() if missed(r, key, usual)]:
            parts.append(f"{WORDS[key]} (target {TARGETS[key][not usual]:g}): {', '.join(beyond)}")
    met = sum(not missed(r, key, usual) for key in keys for r in rs.values())
    return f"{met} of {len(keys) * len(rs)} figures meet their target. " + (f"Missed: {'; '.join(parts)}." if parts else "")


def line(*cells):
    return "| " + " | ".join(cells) + " |"


def rate(r, key, months):
    """A rate in 30 days ± its standard error (for 0 false alarms, that of one)."""
    return f"{figure(r, key, True)} ± {sqrt(max(r[key] * r[months], 1)) / r[months]:.2f}"


def usual(rs):
    names = list(rs)
    within = lambda r, size, who: " / ".join(f"{share:.0%}".rstrip("%") for share in r["within"][size][who])
    rows = [line("", *names, "target"), "|---" * (len(names) + 2) + "|",
            line("blind time ÷ oracle's", *(figure(r, "ratio", True) for r in rs.values()), "1.15"),
            line("… in the further families", *(f"{r['further']:.2f}" for r in rs.values()), "–"),
            line("false alarms in 30 days", *(rate(r, "false", "months") for r in rs.values()), "1 on average, 2 in any community"),
            line("… in the first three days", *(figure(r, "cold", True) for r in rs.values()), "0.1"),
            line("… in a bad month (an outage every 36 hours, six raids)", *(rate(r, "bad", "bad_months") for r in rs.values()), "1"),
            line("raid alarms", *(figure(r, "raid", True) for r in rs.values()), "10 %"),
            line("microseconds per update", *(figure(r, "us", True) for r in rs.values()), "20"),
            line("suspicions (“possible”) in 30 days", *(f"{r['possible']:.1f}" for r in rs.values()), "–"),
            line("seed; ordinary months, bad months, raids", *(amount(r) for r in rs.values()), "–"), "", verdict(rs, True), "",
            "Outages found within 3.5 / 5 minutes, in % (the oracle's share in brackets):", "",
            line("size", *names), "|---" * (len(names) + 1) + "|"]
    sizes = [size for size in next(iter(rs.values()))["within"] if size != "x3"]
    rows += [line(size, *(f"{within(r, size, 0)} ({within(r, size, 1)})" for r in rs.values())) for size in sizes]
    return rows


def amount(r):
    return f"{r['seed']}{'' if r['kind'] == 'full' else ', ' + r['kind']}; {r['months']:.0f}, {r['bad_months']}, {r['raids']}"


def others(rs):
    rows = ["Unusual communities (figures that miss their target are in bold):", "",
            line("reports in 15 minutes", "blind time ÷ oracle's", "false alarms in 30 days", "in the first 3 days", "bad month", "raid alarms",
                 "seed; ordinary months, bad months, raids"), "|---" * 7 + "|",
            line("target", "1.3", "2", "0.2", "2", "15 %", "")]
    return rows + [line(OTHERS[name], *(figure(r, key, False) for key in ("ratio", "false", "cold", "bad", "raid")), amount(r)) for name, r in rs.items()] + [
        "", verdict(rs, False)]


def habits(rs):
    none = [f"{name} {r['none']['blind']:.1f} minutes of blind time per outage, {r['none']['false']:.2f} false alarms in 30 days "
            f"(seed {r['seed']}, {r['months']} months)" for name, r in rs.items()]
    rows = ["Without other signals: " + "; ".join(none) + ". The table shows the ratio to that blind time, and false alarms in 30 days:", "",
            line("habit", *rs), "|---" * (len(rs) + 1) + "|"]
    for habit, words in HABITS.items():
        cells = [f"{r[habit]['ratio']:.2f}, {r[habit]['false']:.2f}" if habit in r else "–" for r in rs.values()]
        rows.append(line(words, *cells))
    worst = {name: max((r[habit]["ratio"], habit) for habit in HABITS if habit in r) for name, r in rs.items()}
    cost = ", ".join(f"{name} {ratio:.2f} ({habit})" for name, (ratio, habit) in worst.items())
    return [*rows, "", f"The most costly habit in each community, as the ratio of blind times: {cost}; target: at most {HABIT:g}."]


def main():
    parts = []
    for make, kind, names in ((usual, "score", USUAL), (others, "score", OTHERS), (habits, "habits", USUAL)):
        if results := read(kind, names):
            parts.append("\n".join(make(results)))
    before, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n" + "\n\n".join(parts) + f"\n\n{END}{after}", "utf-8")
    print(f"Wrote {DOCUMENT}.")


if __name__ == "__main__":
    main()
