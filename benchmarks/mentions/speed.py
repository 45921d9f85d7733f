"""(g) The speed of the mention detector and of the outage detector: `python -m benchmarks.mentions.speed`.

The mention detector is compared with one `re` alternation over its own keywords in the same run, which is what other
bots do. The detector is warm, as in a running bot. Each text is read several times and its best time counts, so that
other programs have no effect.
"""

import argparse
import random
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.figures import Row, Spread, keep
from benchmarks.mentions.data import character_ai, chat, lexicon_files
from benchmarks.mentions.lines import HELD_OUT, read_lines
from bot.content.distress_words import read_distress
from bot.content.words import Vocabulary
from bot.core.outages import OutageDetector
from bot.core.reports import DAY, MINUTE

ROUNDS = 5
DAYS = 7
HOSTILE = {
    "one letter": "a",
    "marks": "\u0301\u0323\u0591",
    "code fences": "```",
    "asterisks": "*a ",
    "mentions": "<@1",
    "the service's name": "c.ai ",
    "quoted lines": "\n> ",
    "reports": "cai is down. error! ",
    "Japanese": "落ち",
    "Russian": "не ",
    "code": "`a\n",
}


def times(look: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    """Sorted seconds: the best of some rounds for each text."""
    best = [float("inf")] * len(texts)
    for _ in range(ROUNDS):
        for number, text in enumerate(texts):
            began = time.perf_counter()
            look(text)
            best[number] = min(best[number], time.perf_counter() - began)
    return sorted(best)


def rows_of(talk: Sequence[str], runs: int) -> list[Row]:
    """The detector compared with the alternation, run by run, and on texts written to be slow."""
    detector = Vocabulary.read().detector(character_ai())
    trouble = sorted(
        {
            entry
            for lexicon in lexicon_files().values()
            for c in ("fails", "error", "hangs")
            for entry in lexicon.get(c, ())
        }
    )
    keywords = re.compile("|".join(re.escape(entry.rstrip("*")) for entry in trouble), re.IGNORECASE)
    mentions = [line.text for line in read_lines(HELD_OUT)]
    passing = [text for text in (*talk, *mentions) if detector.confidence(text) > 0]
    kept = sum(detector.confidence(text) > 0 for text in talk) / len(talk)
    plain, gated, whole = list[float](), list[float](), list[float]()
    for _ in range(runs):
        plain.append(middle(times(keywords.search, talk)))
        gated.append(middle(times(detector.detect, talk)))
        whole.append(middle(times(detector.detect, passing), 0.95))
    limit = f"{Spread.of(plain).text(1)} µs by one alternation of {len(trouble):,} keywords"
    rows = [
        Row(f"{name}, p{share}", f"{Spread.of(took).text(1)} µs", limit, over(took, plain).text())
        for name, share, took in (
            (f"a message of ordinary chat ({len(talk):,} lines)", 50, gated),
            (f"a message that passes the first filter ({100 * kept:.0f} % of chat)", 95, whole),
        )
    ]
    rows.append(distress_row(mentions, plain))
    growth = dict[str, float]()
    slowest = 0.0
    for name, unit in HOSTILE.items():
        long, short = (unit * 4000)[:4000], (unit * 1000)[:1000]
        slow, fast = times(detector.detect, [long])[0], times(detector.detect, [short])[0]
        growth[name], slowest = slow / fast, max(slowest, slow)
    worst = max(growth, key=lambda name: growth[name])
    what = f"hostile texts: 4,000 letters compared with 1,000, the worst of {len(HOSTILE)} kinds ({worst})"
    rows.append(Row(what, f"{slowest * 1e6:,.0f} µs for the slowest", "linear: 4.0", f"{growth[worst]:.1f}"))
    return rows


def distress_row(mentions: Sequence[str], plain: Sequence[float]) -> Row:
    """The search for distress. It only gets messages that would be answered or counted, never ordinary chat."""
    took = middle(times(read_distress().matches, mentions), 0.95)
    what = f"the search for distress in a mention ({len(mentions)} messages; chat is not searched)"
    return Row(f"{what}, p95", f"{took:.0f} µs", "", over([took], [plain[-1]]).text())


def middle(took: Sequence[float], share: float = 0.5) -> float:
    """The quantile of the sorted seconds, in microseconds."""
    return took[int(len(took) * share)] * 1e6


def over(ours: Sequence[float], limit: Sequence[float]) -> Spread:
    """The ratio of our times to the limit's, run by run."""
    return Spread.of([one / other for one, other in zip(ours, limit, strict=True)])


def outage_steps(runs: int) -> Row:
    """A minute of the outage detector, on calm days with an outage at the end of the last one."""
    rng, took = random.Random(1), list[float]()  # noqa: S311 - the same days every time
    for _ in range(runs):
        detector = OutageDetector()
        days = [rng.choices(range(4), (70, 20, 8, 2))[0] for _ in range(DAYS * DAY // MINUTE)]
        days[-60:] = [5 + rng.randrange(20) for _ in range(60)]
        began = time.perf_counter()
        for minute, people in enumerate(days):
            detector.update(minute, people, people)
        took.append((time.perf_counter() - began) / len(days) * 1e6)
    return Row("the outage detector, a minute of one service", f"{Spread.of(took).text(1)} µs")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chat", type=Path, help="ordinary chat (`source TAB text`) instead of the held-back chat")
    parser.add_argument("--quick", action="store_true", help="fewer lines, fewer runs")
    given = parser.parse_args()
    if given.chat:
        talk = [row.partition("\t")[2] for row in given.chat.read_text("utf-8").splitlines()]
    else:
        talk = [line.text for line in chat(held_back=True)][:: 64 if given.quick else 8]
    runs = 2 if given.quick else 5
    keep("g", "(g) Detectors", [*rows_of(talk, runs), outage_steps(runs)])


if __name__ == "__main__":
    main()
