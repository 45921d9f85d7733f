# Two stages: the first installs from the hashed lock and nothing else, the second holds only what runs.
# The bot never runs as root (deploy/entrypoint.sh); nothing is writable but /data, so a read-only root will do.
FROM python:3.11-slim-bookworm@sha256:2333bd330d12de02514770b3585cad313644316047cdee24a7acfdece6de6efb AS base

FROM base AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
COPY .ci/uv.txt /tmp/uv.txt
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r /tmp/uv.txt
WORKDIR /app
COPY pyproject.toml uv.lock ./
# What is needed and what builds us; then us; then what built us goes.
RUN uv sync --frozen --no-build --no-install-project --extra postgres
COPY README.md LICENSE ./
COPY bot bot
COPY migrations migrations
RUN uv sync --frozen --no-editable --extra postgres && uv sync --frozen --no-editable --extra postgres --no-default-groups

FROM base
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin notjustyou && install -d -m 0711 -o notjustyou /data
COPY --from=build /app/.venv /app/.venv
COPY --chmod=0755 deploy/entrypoint.sh /usr/local/bin/notjustyou
# HOME is where `init` keeps the token. No VOLUME: Railway refuses it, and every other host is told where /data is.
ENV PYTHONUNBUFFERED=1 HOME=/data DATABASE_URL=sqlite+aiosqlite:////data/notjustyou.db \
    HTTP_PORT=8080
WORKDIR /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD \
    ["python", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['HTTP_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["notjustyou"]
CMD ["run"]
