# Two stages: uv installs from the hashed lock, the second stage holds only what runs. Not root; nothing is writable but /data.
FROM python:3.11-slim-bookworm AS build
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
COPY pyproject.toml uv.lock README.md LICENSE ./
COPY bot bot
COPY migrations migrations
RUN uv sync --frozen --no-editable --no-dev

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --no-create-home notjustyou && mkdir /data && chown notjustyou /data
COPY --from=build /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 DATABASE_URL=sqlite+aiosqlite:////data/notjustyou.db HTTP_PORT=8080
USER notjustyou
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD \
    ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['HTTP_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["notjustyou"]
CMD ["run"]
