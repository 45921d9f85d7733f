"""The accuracy of the detector: `python -m benchmarks.mentions.measure`.

--lines FILE   measure on these labelled JSON lines instead of the two held-out files
--chat FILE    also count false replies on these lines (`source TAB text`), besides the held-back chat
--cross        also cross-validate the training: by wording family, and with each language left out (minutes)

Each figure is followed by its 95 % confidence interval (Wilson's).
"""

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.mentions import distress
from benchmarks.mentions.cascade import POINTS, share, together
from benchmarks.mentions.data import character_ai, chat
from benchmarks.mentions.lines import (
    HARMLESS,
    HELD_OUT,
    HELD_OUT_REAL,
    Line,
    read_lines,
    symptom_lines,
    training_lines,
)
from benchmarks.mentions.train import BALANCED, EAGER, Lesson, join_lexicons, lowest, out_of_fold
from bot.content.words import Vocabulary, reader_of
from bot.core.mention_text import TextReader
from bot.core.mentions import Detector
from bot.core.service import Counted
from bot.core.symptom_finder import SymptomFinder

LANGUAGES = ("en", "es", "pt", "it", "fr", "de", "ru", "pl", "tr", "id", "tl", "vi", "hi", "ar", "ja", "ko", "zh")


def figures(decided: Sequence[bool], truth: Sequence[bool]) -> tuple[float, float, float]:
    """Precision, recall, F1."""
    right = sum(t and m for t, m in zip(decided, truth, strict=True))
    precision = right / max(1, sum(decided))
    recall = right / max(1, sum(truth))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=Path)
    parser.add_argument("--chat", type=Path)
    parser.add_argument("--cross", action="store_true")
    given = parser.parse_args()
    service = character_ai()
    detector = Vocabulary.read().detector(service)
    held = chat(held_back=True)
    talk = {
        "chitchat, held back": [line.text for line in held if line.language == "en"][:40_000],
        "chatterbot in many languages, held back": [line.text for line in held if line.language != "en"],
    }
    if given.chat:
        for row in given.chat.read_text("utf-8").splitlines():
            source, _, text = row.partition("\t")
            talk.setdefault(f"{given.chat.name}: {source.split('-')[0]}", []).append(text)
    labelled = {path.name: read_lines(path) for path in ([given.lines] if given.lines else [HELD_OUT, HELD_OUT_REAL])}
    for name, lines in labelled.items():
        print(f"{name}: ", end="")
        quality(detector, lines)
    dilution(detector, [line.text for line in read_lines(HELD_OUT) if line.mention and line.language == "en"])
    false_alarms(detector, talk)
    symptoms(Vocabulary.read().symptom_finder(service), talk)
    distress.show(talk)
    together(detector, labelled, talk)
    if given.cross:
        cross(reader_of(service))


def quality(detector: Detector, lines: Sequence[Line]) -> None:
    """Print the figures on labelled lines: overall, by language, and the kinds of false positives."""
    truth = [line.mention for line in lines]
    found = [detector.detect(line.text) for line in lines]
    print(f"{len(lines)} labelled lines, {sum(truth)} of them mentions")
    for name, point in POINTS.items():
        decided = [mention is not None and detector.replies(mention, point) for mention in found]
        right, f1 = sum(t and m for t, m in zip(decided, truth, strict=True)), figures(decided, truth)[2]
        precision, recall = share(right, sum(decided)), share(right, sum(truth))
        print(f"  {name:8} precision {precision}  recall {recall}  F1 {f1:.3f}")
        wrong: dict[str, int] = defaultdict(int)
        for line, yes in zip(lines, decided, strict=True):
            if yes and not line.mention:
                wrong[line.kind] += 1
        print("           wrongly:", ", ".join(f"{n} {kind}" for kind, n in sorted(wrong.items())) or "none")
    by_language: dict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        by_language[line.language].append(number)
    decided = [mention is not None for mention in found]
    each = {
        language: figures([decided[i] for i in at], [truth[i] for i in at])[2] for language, at in by_language.items()
    }
    print("  F1 at suggest:", ", ".join(f"{language} {f1:.2f}" for language, f1 in sorted(each.items())))


def false_alarms(detector: Detector, talk: Mapping[str, Sequence[str]]) -> None:
    """Print the false positives on ordinary chat without mentions."""
    total, alarms = 0, dict.fromkeys(POINTS, 0)
    for source, texts in talk.items():
        found = [mention for text in texts if (mention := detector.detect(text)) is not None]
        counts = {name: sum(detector.replies(m, point) for m in found) for name, point in POINTS.items()}
        total += len(texts)
        alarms = {name: alarms[name] + counts[name] for name in POINTS}
        print(f"  {source}: {len(texts)} lines, {counts['reply']} replies, {counts['suggest']} suggested")
    per = {name: share(count, total, 10_000, 1) for name, count in alarms.items()}
    print(f"  together per 10,000 lines: {per['reply']} replies, {per['suggest']} suggested")


def dilution(detector: Detector, reports: Sequence[str]) -> None:
    """Print how many of the reports that get a reply still get one with each harmless sentence."""

    def answered(text: str) -> bool:
        mention = detector.detect(text)
        return mention is not None and detector.replies(mention)

    heard = [text for text in reports if answered(text)]
    kept = {
        sentence: min(
            sum(answered(f"{sentence}, {text}") for text in heard),
            sum(answered(f"{text.rstrip('.')}. {sentence}") for text in heard),
        )
        for sentence in HARMLESS
    }
    worst = min(HARMLESS, key=lambda sentence: kept[sentence])
    print(
        f"  of {len(heard)} English reports that get a reply, {kept[worst]} or more still do beside a harmless sentence"
    )
    print(f"  (the worst of {len(HARMLESS)}: {worst!r})")


def symptoms(finder: SymptomFinder, talk: Mapping[str, Sequence[str]]) -> None:
    """Print how often the right symptom of a message is named, and how often a wrong one, on lines written for it."""
    lines = [line for line in symptom_lines() if not line.near_miss]
    near = [line for line in symptom_lines() if line.near_miss]
    found = [finder.find(line.text) for line in lines]
    decided = [one and one.symptom.id for one in found]
    print(f"symptoms: {len(lines)} written lines, {len(near)} near misses for what is no outage")
    print("  symptom      lines  named  false  answered for it alone (near misses / all chat)")
    alone = [one.symptom.id for line in near if (one := finder.find_enough(line.text)) is not None]
    chat_alone = [one.symptom.id for texts in talk.values() for text in texts if (one := finder.find_enough(text))]
    for symptom in finder.symptoms:
        at = [i for i, line in enumerate(lines) if line.symptom == symptom.id]
        right = sum(decided[i] == symptom.id for i in at)
        false = decided.count(symptom.id) - right
        row = f"  {symptom.id:12} {len(at):5}  {right / max(1, len(at)):5.2f}  {false:5}"
        if symptom.counted is Counted.NEVER:
            enough = sum(one is not None and one.enough and one.symptom == symptom for one in (found[i] for i in at))
            wrong = f"{alone.count(symptom.id)} / {chat_alone.count(symptom.id)}"
            row += f"  {enough / max(1, len(at)):.2f} ({wrong})"
        print(row)
    unnamed = [i for i, line in enumerate(lines) if line.symptom is None]
    print(f"  none         {len(unnamed):5}  {sum(decided[i] is None for i in unnamed) / max(1, len(unnamed)):5.2f}")


def cross(reader: TextReader) -> None:
    """Cross-validate the training, on lines of which more than half are near misses."""
    lines, talk = training_lines(), chat(held_back=False)
    lesson = Lesson(reader, join_lexicons(reader, [*lines, *talk]), lines, talk)
    truth = [line.mention for line in lines]
    scores = out_of_fold(lesson, lesson.folds())[: len(lines)].tolist()
    print(f"{len(lines)} written lines, cross-validated by wording family")
    for name, precision in (("reply", BALANCED), ("suggest", EAGER)):
        point = lowest(scores, truth, precision)
        reached = figures([total >= point for total in scores], truth)
        print(f"  {name:8} precision {reached[0]:.3f}  recall {reached[1]:.3f}  F1 {reached[2]:.3f}")
    print("each language left out: F1 at even odds on its lines (its lexicon kept / left out, too)")
    for language in LANGUAGES:
        own = [line for line in lines if line.language == language]
        learnt = lesson.fit(np.array([line.language != language or line.kind == "chat" for line in lesson.all]))
        bare = join_lexicons(reader, [*lines, *talk], without=language)
        decided = [
            figures((lesson.sampled(own, lexicon).best(learnt)[0] >= 0).tolist(), [line.mention for line in own])[2]
            for lexicon in (None, bare)
        ]
        print(f"  {language}: {decided[0]:.2f} / {decided[1]:.2f}", flush=True)


if __name__ == "__main__":
    main()
