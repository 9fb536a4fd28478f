# Three images from one file: docker build --target site|voila|nginx .
#
#   checkout ─┬─ site-packages ────── site    the pages that the build made, and what serves them
#             ├─ voila-packages ───── voila   the notebooks, and the server of their live cells
#             └─ frontend ─── pages ─ nginx   the one door: assets from the disk, the rest passed on
#
# Debian is the only base. What is needed to install or to build stays in the stages on the way.

ARG BASE_IMAGE=debian:bookworm-slim
# Where Python comes from: conda (conda-lock.yml) or debian (its own packages). The same wheels run on both.
ARG PYTHON=conda


FROM ${BASE_IMAGE} AS base
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
ENV LANG=C.UTF-8 \
    PATH=/opt/venv/bin:/opt/python/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin blog


# ---- Python: whichever way, it is at /opt/python

FROM base AS debian
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
# What was downloaded is kept from build to build, and in no image. The certificates that the base image
# trusts hold for uv and npm, too, which bring their own.
ENV XDG_CACHE_HOME=/cache \
    npm_config_cache=/cache/npm \
    UV_LINK_MODE=copy \
    UV_SYSTEM_CERTS=1
WORKDIR /src

FROM debian AS conda
COPY tools/conda tools/conda
COPY conda-lock.yml ./
RUN --mount=type=cache,target=/cache \
    python3 -m venv /installer \
    && /installer/bin/pip install --quiet --require-hashes -r tools/conda/requirements.txt \
    && /installer/bin/python tools/conda/install.py --lock conda-lock.yml --prefix /opt/python --slim

FROM base AS python-conda
COPY --from=conda /opt/python /opt/python

FROM base AS python-debian
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/* \
    && mkdir -p /opt/python/bin \
    && ln -s /usr/bin/python3 /opt/python/bin/python3

# hadolint ignore=DL3006
FROM python-${PYTHON} AS python
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1


# ---- The checkout, with its environment as ./blog makes it everywhere

FROM debian AS checkout
# First what the environment is made of, so that it is made again only when that changes.
COPY blog pyproject.toml requirements.txt requirements-dev.txt README.md LICENSE ./
COPY site/blog/__init__.py site/blog/environment.py site/blog/system.py site/blog/errors.py site/blog/
COPY site/blog/convert/katex/package.json site/blog/convert/katex/package-lock.json site/blog/convert/katex/.npmrc \
     site/blog/convert/katex/
RUN --mount=type=cache,target=/cache \
    mkdir -p voila/livekernel \
    && PYTHONPATH=site /usr/bin/python3 -m blog.environment

# The live cells' front end: its packages are fetched when their lock changes, it is bundled when its sources do.
FROM checkout AS frontend
COPY site/blog/assets.py site/blog/bundle.py site/blog/model.py site/blog/
COPY voila/frontend/package.json voila/frontend/package-lock.json voila/frontend/.npmrc voila/frontend/
RUN --mount=type=cache,target=/cache PYTHONPATH=site /usr/bin/python3 -m blog.environment
COPY voila/frontend voila/frontend
COPY site/blog/static/js/live-*.js site/blog/static/js/
RUN mkdir -p voila/frontend/dist \
    && PYTHONPATH=site /usr/bin/python3 -m blog.environment

FROM checkout AS packages
COPY --from=python /opt/python /opt/python
COPY tools/packages tools/packages

FROM packages AS site-packages
COPY site/requirements.txt site/
RUN --mount=type=cache,target=/cache tools/packages/install site/requirements.txt /opt/venv

FROM packages AS voila-packages
COPY voila/requirements.txt voila/
RUN --mount=type=cache,target=/cache tools/packages/install voila/requirements.txt /opt/venv

FROM checkout AS pages
COPY site site
COPY nginx nginx
COPY voila/templates voila/templates
COPY notebooks notebooks
COPY --from=frontend /src/voila/frontend/dist voila/frontend/dist
RUN .venv/bin/blog build --notebooks notebooks --out /srv/blog/site \
    && .venv/bin/blog proxy --notebooks notebooks --out /etc/blog/nginx \
    && .venv/bin/blog options --notebooks notebooks --out /etc/blog/live.options


# ---- The images

FROM python AS site
COPY --from=site-packages /opt/venv /opt/venv
COPY site/blog /opt/blog/site/blog
RUN python -m compileall -q /opt/blog
COPY --from=pages /srv/blog/site /srv/blog/site
ENV PYTHONPATH=/opt/blog/site \
    BLOG_SITE=/srv/blog/site
WORKDIR /srv/blog
USER 10001:10001
EXPOSE 8000
# The pages are public and the network is not: whoever reaches this port may speak for a reader.
CMD ["python", "-m", "gunicorn", "--bind", "0.0.0.0:8000", "--no-control-socket", \
     "--worker-tmp-dir", "/dev/shm", "--graceful-timeout", "5", "blog.wsgi:application"]


FROM python AS voila
COPY --from=voila-packages /opt/venv /opt/venv
COPY voila/livekernel /opt/blog/voila/livekernel
COPY voila/templates /opt/blog/voila/templates
RUN python -m compileall -q /opt/blog
COPY notebooks /srv/blog/notebooks
COPY --from=pages /srv/blog/site/.build/live.json /srv/blog/site/.build/live.json
COPY --from=pages /etc/blog/live.options /etc/blog/live.options
# Everything that Jupyter and the notebooks' libraries write goes to a folder in memory.
ENV PYTHONPATH=/opt/blog/voila \
    HOME=/run/voila \
    JUPYTER_RUNTIME_DIR=/run/jupyter \
    JUPYTER_PLATFORM_DIRS=1 \
    MPLCONFIGDIR=/run/voila/matplotlib
RUN install -d -o blog -g blog -m 700 /run/voila /run/jupyter
WORKDIR /run/voila
USER 10001:10001
EXPOSE 8866
ENTRYPOINT ["python", "-m", "livekernel", "--address", "0.0.0.0", "--port", "8866", "--base-url", "/live/", \
            "--notebooks", "/srv/blog/notebooks", "--index", "/srv/blog/site/.build/live.json", \
            "--admin-port", "8867", "@/etc/blog/live.options"]


FROM base AS nginx
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libnginx-mod-http-brotli-static nginx-light \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o blog -g blog -m 700 /run/blog
COPY --from=pages /etc/blog/nginx /etc/blog/nginx
COPY --from=pages /srv/blog/site/errors /srv/blog/site/errors
COPY --from=pages /srv/blog/site/static /srv/blog/site/static
WORKDIR /run/blog
USER 10001:10001
EXPOSE 8080 8081
CMD ["nginx", "-p", "/run/blog/", "-e", "stderr", "-c", "/etc/blog/nginx/nginx.conf"]
