"""All of it, one after another: `python -m benchmarks.gateway`."""

import asyncio

from benchmarks.gateway import answers, memory, messages

if __name__ == "__main__":
    asyncio.run(messages.measure(count=6000, rounds=10, kinds=("ours", "same", "pip", "deaf")))
    asyncio.run(answers.measure(rounds=5, rates=(1, 50, 200)))
    asyncio.run(memory.measure(sizes=[10, 1000, 2500], rounds=2))
