"""The oracle: a detector that knows what no real detector can know. It is the lower bound of the blind time.

A CUSUM with the true base rate, the true chatter and the true size and shape of the outage, calibrated to one false
alarm in 30 days. A detector that must learn these is not expected to be faster, because CUSUM is optimal if they are
known (Lorden 1971, Moustakides 1986). It ignores servers, and its threshold is the same by day and by night.

    state = detector.update(minute_index, count, distinct_servers)
"""
import copy
from itertools import accumulate
from math import exp, inf, log

import numpy as np


class Detector:
    """State machine: 'possible' at h/2, 'likely' at h, then waits for the all-clear."""
    stat, alarm, since_end, own_threshold = 0.0, False, 99, False

    def __init__(self, h=inf):
        self.h = h

    def update(self, m, n, servers):
        self.stat = self.step(m, n, servers)
        if self.alarm:
            if self.calm(m, n):
                self.alarm, self.since_end = False, 0
                self.reset()
        elif self.stat >= self.h:
            self.alarm = True
            self.raised(m, n)
        if self.alarm:
            return "likely"
        self.since_end += 1
        if self.since_end <= 15:
            return "recovered"
        return "possible" if self.stat >= self.warn() else "normal"

    quiet = 0

    def warn(self):
        return self.h / 2

    def calm(self, m, n):                    # simple default: evidence below half the threshold for 15 min
        self.quiet = self.quiet + 1 if self.stat < self.h / 2 else 0
        return self.quiet >= 15

    def raised(self, m, n):
        self.quiet = 0

    def reset(self):
        pass


class Oracle(Detector):
    """A CUSUM that knows the true base rate, the true chatter and the true size (and ramp) of the outage.
    Constant factor: Page's recursion. Changing factor: maximum over onsets, window of len(profile)."""
    DOWN = 7.0

    def __init__(self, tl, profile, h=inf):
        super().__init__(h)
        c = tl.community
        self.base, self.a, self.q = tl.base.tolist(), c.chatter, exp(-1 / c.chatter_min)
        self.flat = bool((abs(profile - profile[-1]) < 1e-9).all())
        self.g = float(profile[-1]) if self.flat else profile
        self.s = 0.0 if self.flat else profile * 0.0
        self.echo, self.down, self.age = 0.0, 0.0, 0

    def __deepcopy__(self, memo):
        return copy.copy(self)                       # members that change are replaced, never mutated

    def step(self, m, n, servers):
        b, e = self.base[m], self.a * self.echo
        self.before = e
        self.echo = self.q * self.echo + (1 - self.q) * n
        if self.flat:
            self.s = max(0.0, self.s + n * log((b * self.g + e) / (b + e)) - b * (self.g - 1))
            return self.s
        s = np.empty_like(self.s)                    # s[j]: log-likelihood ratio if the onset was j minutes ago
        s[0], s[1:] = 0.0, self.s[:-1]
        s[-1] = max(s[-1], self.s[-1])
        s += n * np.log((b * self.g + e) / (b + e)) - b * (self.g - 1)
        self.s = s
        return max(0.0, float(s.max()))

    def whole(self, counts):
        """`stat` of every minute if no alarm is raised: the same as `step` gives, calculated at once."""
        n, b = np.array(counts, float), np.array(self.base[:len(counts)])
        echo = list(accumulate(counts, lambda echo, one: self.q * echo + (1 - self.q) * one, initial=0.0))
        e, some = self.a * np.array(echo[:-1]), np.flatnonzero(n)
        if self.flat:                                # Page's recursion: the sum minus its minimum so far
            total = np.cumsum(self.ratio(n, b, e, some, self.g))
            return total - np.minimum(np.minimum.accumulate(total), 0.0)
        s, best = np.zeros(len(n)), np.zeros(len(n))
        for g in self.g[:-1]:
            s = np.r_[0.0, s[:-1]] + self.ratio(n, b, e, some, g)
            best = np.maximum(best, s)
        last = np.cumsum(self.ratio(n, b, e, some, self.g[-1]))
        before = np.r_[0.0, s[:-1]] - np.r_[0.0, last[:-1]]
        return np.maximum(best, last + np.maximum.accumulate(before))

    @staticmethod
    def ratio(n, b, e, some, g):
        """The log-likelihood ratio of each minute for an outage of g times the rate; `some` are the minutes with reports."""
        found = -b * (g - 1)
        found[some] += n[some] * np.log((b[some] * g + e[some]) / (b[some] + e[some]))
        return found

    def raised(self, m, n):
        self.down, self.age = 0.0, 0

    def calm(self, m, n):
        g = self.g if self.flat else float(self.g[min(self.age, len(self.g) - 1)])
        self.age += 1
        b, e = self.rate(m), self.before
        self.down = max(0.0, self.down + b * (g - 1) - n * log((b * g + e) / (b + e)))
        return self.down >= self.DOWN

    def rate(self, m):
        """The usual rate in a minute."""
        return self.base[m]

    def reset(self):
        self.s = self.s * 0.0


class MoodlessOracle(Oracle):
    """An oracle that knows everything but the mood of the moment: how much of the blind time is due to moods alone.

    The Shiryaev-Roberts statistic of a hidden Markov model: the state is the mood, on a grid, and whether an outage has
    begun. It knows the days, weeks and growth, how strong and how long moods are, the chatter, and the size of a sudden
    outage.
    """
    STEP, GRID, ONSET = 15, 25, 1e-4                # minutes between moves of the mood; ONSET only keeps numbers small

    def __init__(self, tl, profile, h=inf):
        super().__init__(tl, profile, h)
        assert self.flat, "for sudden outages only: use --brief"
        c = tl.community
        self.base = (tl.base / np.exp(tl.mood)).tolist()            # the usual rate without the mood
        moods = np.linspace(-3, 3, self.GRID)                       # in standard deviations
        keep = exp(-self.STEP / 60 / c.mood_hours)
        move = np.exp(-((moods[None, :] - keep * moods[:, None]) ** 2) / 2 / (1 - keep * keep))
        self.move = move / move.sum(1, keepdims=True)
        self.rise = np.exp(moods * c.mood_sd)
        self.usual = np.exp(-moods ** 2 / 2) / np.exp(-moods ** 2 / 2).sum()
        self.out = np.zeros(self.GRID)                              # the sum over all onsets, relative to `usual`

    def step(self, m, n, servers):
        b, e = self.base[m], self.a * self.echo
        self.before = e
        self.echo = self.q * self.echo + (1 - self.q) * n
        usual, out = self.usual, self.out + self.usual * self.ONSET
        if m % self.STEP == 0:
            usual, out = usual @ self.move, out @ self.move
        rate = b * self.rise
        one, other = b - rate, b - rate * self.g                    # log-likelihoods, up to a constant
        if n:
            one, other = one + n * np.log((rate + e) / (b + e)), other + n * np.log((rate * self.g + e) / (b + e))
        best = one.max()
        usual, out = usual * np.exp(one - best), out * np.exp(np.minimum(other - best, 300))
        total = usual.sum()
        self.usual, self.out = usual / total, np.minimum(out / total, 1e30)
        return max(0.0, log(self.out.sum() / self.ONSET))

    def whole(self, counts):
        """`stat` of every minute if no alarm is raised."""
        return np.array([self.step(m, n, 0) for m, n in enumerate(counts)])

    def rate(self, m):
        return self.base[m] * float(self.usual @ self.rise)

    def reset(self):
        self.out = np.zeros(self.GRID)


def moodless(tl, fam):
    return MoodlessOracle(tl, fam.profile(240))


moodless.oracle = True                               # `score` gives it the truth
