#!/bin/sh
# `notjustyou` in the image, also for `docker exec`. Many hosts mount /data as root's, where the bot's own user could not
# write. So if we begin as root, we make /data the bot's, and continue as its user without any right: nothing of the bot
# itself runs as root. If a host begins us as another user, it is that user who runs the bot.
program=/app/.venv/bin/notjustyou
if [ "$(id -u)" != 0 ]; then
    exec "$program" "$@"
fi
find /data ! -user 10001 -exec chown --no-dereference 10001:10001 {} +
exec setpriv --reuid=10001 --regid=10001 --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs "$program" "$@"
