"""The process of the second stage: `python -m bot.hearing.worker`, started by `encoder_process`.

Each line of standard input or output is JSON. It reads the head, reports that it is ready, and then answers each
`[number, text, first]` with `[number, log-odds]`, until its input ends. It keeps no text.

It is a separate process because the encoder is C code that reads untrusted text: a crash there ends only this process.
Its priority is low, so that it never takes CPU time from the bot.
"""

import json
import os
import sys
from typing import TextIO

from bot.core.second_stage import Head
from bot.hearing.encoder import Encoder, EncoderError

_NICE = 5


def answer(lines: TextIO, out: TextIO) -> None:
    """Answer until the input ends."""
    head = Head.read(json.loads(lines.readline()))
    encoder = Encoder()
    print("ready", file=out, flush=True)
    for line in lines:
        number, text, first = json.loads(line)
        try:
            log_odds = head.weigh(encoder.vector(text), first)
        except EncoderError:
            log_odds = None
        print(json.dumps([number, log_odds]), file=out, flush=True)


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"  # before the library is loaded; one message needs one thread
    if sys.platform != "win32":
        os.nice(_NICE)
    answer(sys.stdin, sys.stdout)
