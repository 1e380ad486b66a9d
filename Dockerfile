# JupyterLab with qgraph. `make image` builds it; `make image-test` tests it from the outside.
ARG PYTHON_VERSION=3.11

# ---- builder: everything except qgraph, so a change in qgraph/ reuses this stage from the cache
FROM python:${PYTHON_VERSION}-slim AS builder
# If the base uses Debian's own Python, its C headers are a separate package.
# Debian's versions change with its security fixes, so they are not pinned.
# hadolint ignore=DL3008
RUN apt-get update \
    && python3 -c 'import pathlib, sysconfig; print("" if pathlib.Path(sysconfig.get_path("include"), "Python.h").exists() else "libpython3-dev")' > /tmp/headers \
    && xargs -a /tmp/headers apt-get install --yes --no-install-recommends gcc g++ libffi-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY docker/build.lock docker/
RUN --mount=type=cache,target=/root/.cache/pip \
    python3 -m venv /opt/tools \
    && /opt/tools/bin/pip install --require-hashes --only-binary :all: -r docker/build.lock
# Without pip: nothing is installed into a running container. A derived image can add its own pip.
RUN python3 -m venv --without-pip /opt/venv
COPY requirements.lock ./
COPY docker/hub.lock docker/
RUN --mount=type=cache,target=/root/.cache/pip \
    /opt/tools/bin/pip --python /opt/venv/bin/python install --no-compile --require-hashes --only-binary :all: \
        -r requirements.lock -r docker/hub.lock
COPY docker/prune.py docker/
RUN python3 docker/prune.py /opt/venv
COPY docker/strip.py docker/
RUN python3 docker/strip.py /opt/venv
# Unchecked byte-code stays valid, even if time stamps change on the way to a running container.
RUN python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv/lib

# ---- package: qgraph and its kernel under /out, with the paths of the final image
FROM builder AS package
ENV PATH=/opt/tools/bin:$PATH
COPY pyproject.toml meson.build README.md LICENSE ./
COPY qgraph qgraph
COPY qgraph_health qgraph_health
RUN /opt/tools/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /wheel . \
    && /opt/tools/bin/pip --python /opt/venv/bin/python install --no-deps --no-index --no-compile --root /out /wheel/*.whl \
    && python3 -m compileall -q --invalidation-mode unchecked-hash -s /out /out
# Without a compiler the wheel has no kernel, and qgraph would be slow. Here that is an error.
RUN test -n "$(find /out -name '_kernels*.so')"

# ---- runtime
FROM python:${PYTHON_VERSION}-slim AS runtime
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/*
RUN find / -xdev -perm /6000 -type f -exec chmod ug-s {} +
# Some bases have the standard library without byte-code, and a container cannot write it.
RUN python3 -m compileall -q "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" \
        -x 'test/|lib2to3/tests|site-packages|dist-packages'
# Some platforms choose the uid, so group 0 has the rights of the user. Any uid can write into the work
# folder, and into a new volume mounted on it.
RUN useradd --uid 1000 --gid 0 --create-home --shell /bin/bash appuser \
    && mkdir -p /home/appuser/work \
    && chmod 0775 /home/appuser \
    && chmod 0777 /home/appuser/work
COPY --from=builder /opt/venv /opt/venv
ENV HOME=/home/appuser \
    USER=appuser \
    SHELL=/bin/bash \
    LANG=C.UTF-8 \
    PATH=/opt/venv/bin:/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin \
    VIRTUAL_ENV=/opt/venv \
    JUPYTER_PREFER_ENV_PATH=0 \
    JUPYTER_RUNTIME_DIR=/tmp/jupyter-runtime \
    MPLCONFIGDIR=/tmp/matplotlib \
    QGRAPH_WORK=/home/appuser/work
# The font list takes seconds to make. The entry point copies this one to the place where matplotlib looks.
RUN MPLCONFIGDIR=/opt/qgraph/matplotlib python -c 'import matplotlib.font_manager'
COPY docker/profile.sh /etc/profile.d/qgraph.sh
COPY docker/jupyter_server_config.py /etc/jupyter/
COPY docker/qgraph_health.json /opt/venv/etc/jupyter/jupyter_server_config.d/
# JupyterLab 4.6 asks whether to fetch news, even without a network.
COPY docker/overrides.json /opt/venv/share/jupyter/lab/settings/
COPY docker/entrypoint.sh docker/seed.py docker/healthcheck.py docker/sbom.py /opt/qgraph/bin/
COPY examples /opt/qgraph/share/examples
COPY notebooks /opt/qgraph/share/notebooks
COPY --from=package /out/opt/venv /opt/venv
RUN python -I /opt/qgraph/bin/sbom.py /opt/qgraph/sbom.cdx.json
WORKDIR /home/appuser/work
USER 1000
EXPOSE 8888
# The interval is short, because the first probe waits for one interval. A probe takes about 30 ms, and
# waits itself while the server starts.
HEALTHCHECK --interval=5s --timeout=15s --start-period=60s --retries=3 \
    CMD ["python3", "-I", "-S", "/opt/qgraph/bin/healthcheck.py"]
ENTRYPOINT ["tini", "-s", "--", "/opt/qgraph/bin/entrypoint.sh"]
CMD ["jupyter", "lab"]
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="qgraph" \
      org.opencontainers.image.description="Quantum optimisation on graphs, in JupyterLab" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.authors="The qgraph developers" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"

# ---- test: has everything that the tests need, so they run without a network
FROM runtime AS test
USER 0
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/qgraph/src
COPY requirements-dev.lock ./
RUN --mount=type=cache,target=/root/.cache/pip --mount=type=bind,from=builder,source=/opt/tools,target=/opt/tools \
    /opt/tools/bin/pip --python /opt/venv/bin/python install --require-hashes --only-binary :all: -r requirements-dev.lock
COPY . .
# The tests use the installed package, because it has the kernel.
RUN rm -rf qgraph qgraph_health \
    && ln -s "$(python -I -c 'import sysconfig; print(sysconfig.get_path("platlib"))')"/qgraph* . \
    && chmod -R a+rwX .
USER 1000
ENTRYPOINT ["tini", "-s", "--"]
CMD ["python", "-m", "pytest", "-p", "no:cacheprovider"]

# ---- dev: for .devcontainer: a compiler, make and git; the repository is mounted
FROM builder AS dev
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git make \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 1000 --create-home --shell /bin/bash appuser
USER 1000
CMD ["sleep", "infinity"]

# ---- the default target
FROM runtime
