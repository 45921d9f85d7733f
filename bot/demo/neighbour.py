"""An invented second service of the demo, with a working official page. Character.AI has closed its own."""

NAME = "storyloft"

SERVICE = """
name = "Storyloft"
aliases = ["loft"]
words = ["storyloft"]

[links]
website = "https://storyloft.example"
support = "https://storyloft.example/support"
status_page = "https://status.storyloft.example"

[sources.official]
kind = "statuspage"
url = "{url}"
link = "https://status.storyloft.example"

[sources.probe]
kind = "http"
url = "{url}/health"
expect = {{ redis = "UP" }}

[symptoms]
error = "Server error"
other = "Something else"
"""

GUIDE = """
error = "Server error"
meaning = "Storyloft is invented for this demo. Its status page lives, so you see what that looks like."
causes = ["**The story.** It breaks the service for a while."]
others_say = []
contact = "There is nobody to write to."
summary = "Wait until the story mends it."

[[steps]]
title = "Wait a little and try again"
do = "The story goes on for two minutes."
reason = "It ends well."
"""
