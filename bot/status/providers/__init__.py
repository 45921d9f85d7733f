"""The kinds of status pages that can be read: one module for each, all with the same three functions.

`urls` has the addresses to request, `fits` says whether an answer has the form of this kind, and `page` reads it. What
a page says is turned into a reading in one place, `bot.status.page`.
"""
