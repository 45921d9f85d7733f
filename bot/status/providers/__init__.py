"""The kinds of status pages that can be read: one module for each, all with the same three functions.

`urls` returns the addresses to request, `fits` says whether an answer has the form of this kind, and `page` reads it.
`bot.status.page` turns every page into a reading.
"""
