"""Tables of weights for tests."""

from collections.abc import Mapping

from bot.core.mention_weights import WeightList, Weights


def weights(given: Mapping[str, float]) -> Weights:
    """The table of these features and weights."""
    listed = WeightList()
    for feature, weight in given.items():
        listed.add(feature, weight)
    return Weights(listed)
