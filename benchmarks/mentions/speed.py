"""How fast the detector is, as ratios to one `re` alternation over its own keywords in the same run.

`python -m benchmarks.mentions.speed`. The alternation stands for what other bots do. Warm, as a running bot is: each
text is looked at several times and its best time counts, so another program's work does not show.
"""

import argparse
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.mentions.data import character_ai, chat, lexicon_files
from benchmarks.mentions.lines import HELD_OUT, read_lines
from bot.content.words import Vocabulary

ROUNDS = 5
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
    """Sorted seconds, the best of some rounds for each text."""
    best = [float("inf")] * len(texts)
    for _ in range(ROUNDS):
        for number, text in enumerate(texts):
            began = time.perf_counter()
            look(text)
            best[number] = min(best[number], time.perf_counter() - began)
    return sorted(best)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chat", type=Path, help="ordinary chat lines (`source TAB text`) instead of the held back")
    given = parser.parse_args()
    detector = Vocabulary.read().detector(character_ai())
    trouble = [
        entry
        for lexicon in lexicon_files().values()
        for c in ("fails", "error", "hangs")
        for entry in lexicon.get(c, ())
    ]
    keywords = re.compile("|".join(re.escape(entry.rstrip("*")) for entry in sorted(set(trouble))), re.IGNORECASE)
    if given.chat:
        talk = [row.partition("\t")[2] for row in given.chat.read_text("utf-8").splitlines()]
    else:
        talk = [line.text for line in chat(held_back=True)][::8]
    mentions = [line.text for line in read_lines(HELD_OUT)]
    passing = [text for text in (*talk, *mentions) if detector.confidence(text) > 0]
    plain, gated, whole = (
        times(keywords.search, talk),
        times(detector.detect, talk),
        times(detector.detect, passing),
    )
    base = plain[len(plain) // 2]
    print(f"{len(talk)} lines of chat; one alternation of {len(set(trouble))} keywords: p50 {base * 1e6:.1f} µs")
    for name, took, share in (("ordinary chat", gated, 0.5), ("passing the gate", whole, 0.95)):
        value = took[int(len(took) * share)]
        print(f"  {name}, p{share * 100:.0f}: {value * 1e6:.1f} µs, {value / base:.2f} of the alternation")
    kept = sum(detector.confidence(text) > 0 for text in talk) / len(talk)
    print(f"  {100 * kept:.0f} % of chat passes the gate")
    print("hostile texts, 4,000 letters against 1,000 (linear: 4.0)")
    for name, unit in HOSTILE.items():
        long, short = (unit * 4000)[:4000], (unit * 1000)[:1000]
        slow, fast = times(detector.detect, [long])[0], times(detector.detect, [short])[0]
        print(f"  {name}: {slow * 1e6:.0f} µs, {slow / fast:.1f} times")


if __name__ == "__main__":
    main()
