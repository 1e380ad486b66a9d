# JupyterLab with qgraph. `make image` builds it; `make image-test` tests it from the outside.
# Published images are built on the base of docker/base/Dockerfile, which has a digest.
ARG PYTHON_VERSION=3.11
ARG BASE=python:${PYTHON_VERSION}-slim
ARG RUNTIME_BASE=${BASE}

# ---- builder: everything except qgraph, so a change in qgraph/ reuses this stage from the cache
FROM ${BASE} AS builder
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
RUN python3 -m venv --without-pip /opt/venv
COPY requirements.lock ./
COPY docker/image.lock docker/
# nbval brings pytest and coverage. Users who test notebooks install them: the constraints name the versions.
# pyarrow would add 82 MB. In its place image.lock has fastparquet.
RUN --mount=type=cache,target=/root/.cache/pip \
    /opt/tools/bin/pip --python /opt/venv/bin/python install --no-compile --require-hashes --only-binary :all: \
        --report /opt/installed.json -r requirements.lock -r docker/image.lock \
    && /opt/tools/bin/pip --python /opt/venv/bin/python uninstall --yes pytest coverage iniconfig pluggy pyarrow \
    && sed -nE 's/^([a-z0-9.-]+==[^\\]*).*/\1/p' requirements.lock docker/image.lock > /opt/constraints.txt
COPY docker/builder docker/builder
RUN python3 docker/builder/prune.py /opt/venv && python3 docker/builder/strip.py /opt/venv
# Unchecked byte-code stays valid, even if time stamps change on the way to a running container.
RUN python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv/lib
COPY docker/sbom docker/sbom
RUN python3 -I docker/sbom --reduce /opt/installed.json /opt/wheels.json

# ---- package: qgraph and its kernel under /out, with the paths of the final image
FROM builder AS package
ENV PATH=/opt/tools/bin:$PATH
COPY pyproject.toml meson.build README.md LICENSE ./
# The kernel takes most of the time, and most changes are in Python. So it is compiled before the rest is there.
COPY qgraph/simulation/kernel qgraph/simulation/kernel
# A new checkout is newer than a cached layer. Equal time stamps keep ninja from compiling the same again.
RUN mkdir qgraph_health \
    && find meson.build pyproject.toml qgraph -exec touch -d @0 {} + \
    && /opt/tools/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /tmp \
        --config-settings=build-dir=/compiled .
COPY qgraph qgraph
COPY qgraph_health qgraph_health
COPY docker/server docker/server
RUN find qgraph/simulation/kernel -exec touch -d @0 {} + \
    && /opt/tools/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /wheel \
        --config-settings=build-dir=/compiled . \
    && /opt/tools/bin/pip --python /opt/venv/bin/python install --no-deps --no-index --no-compile --root /out /wheel/*.whl \
    && cp docker/server/*.py /out/opt/venv/lib/python3*/site-packages/ \
    && python3 -m compileall -q --invalidation-mode unchecked-hash -s /out /out
# Without a compiler the wheel has no kernel, and qgraph would be slow. Here that is an error.
RUN test -n "$(find /out -name '_kernels*.so')"

# ---- site: the documentation, from the docstrings of this very package
FROM builder AS site
COPY docker/docs.lock docker/
RUN --mount=type=cache,target=/root/.cache/pip \
    python3 -m venv --without-pip /opt/site \
    && /opt/tools/bin/pip --python /opt/site/bin/python install --require-hashes --only-binary :all: -r docker/docs.lock \
    && echo "import site; site.addsitedir('$(/opt/venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')')" \
        > "$(/opt/site/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/image.pth"
COPY --from=package /out/opt/venv /opt/venv
COPY *.md CITATION.cff environment.yml LICENSE ./
COPY docs docs
COPY notebooks notebooks
COPY benchmarks benchmarks
COPY tests/image/hub tests/image/hub
COPY qgraph/simulation/kernel/README.md qgraph/simulation/kernel/
RUN /opt/site/bin/sphinx-build -q -W --keep-going -n -j auto -c docs -d /tmp/doctrees . /site

# ---- runtime
FROM ${RUNTIME_BASE} AS runtime
ARG PYTHON_VERSION
COPY docker/builder/copyrights.sh /tmp/
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git less tini \
    && sh /tmp/copyrights.sh \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/* /tmp/copyrights.sh
# The official base has a pip of its own. It would install beside /opt/venv, where nothing finds the packages.
RUN ! python3 -m pip --version || PIP_BREAK_SYSTEM_PACKAGES=1 PIP_ROOT_USER_ACTION=ignore \
        python3 -m pip uninstall --yes pip setuptools wheel
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
# Packages that a user installs are found after those of the image.
RUN echo 'import os, site; p = os.environ.get("QGRAPH_PACKAGES"); \
p and site.addsitedir(os.path.join(p, "lib", os.path.basename(p), "site-packages"))' \
        > "/opt/venv/lib/python${PYTHON_VERSION}/site-packages/qgraph_packages.pth"
# What a user changes stays in one hidden folder of the work volume.
ENV QGRAPH_WORK=/home/appuser/work
ARG STATE=$QGRAPH_WORK/.qgraph
ENV QGRAPH_PACKAGES=$STATE/packages/python${PYTHON_VERSION}
ENV JUPYTER_CONFIG_DIR=$STATE/jupyter/config \
    JUPYTER_DATA_DIR=$STATE/jupyter/data \
    JUPYTER_PATH=$QGRAPH_PACKAGES/share/jupyter \
    JUPYTER_CONFIG_PATH=$QGRAPH_PACKAGES/etc/jupyter \
    IPYTHONDIR=$STATE/ipython \
    GIT_CONFIG_GLOBAL=$STATE/git/config \
    HISTFILE=$STATE/bash_history
ENV PIP_PYTHON=/opt/qgraph/bin/packages.py \
    PIP_NO_CACHE_DIR=1 \
    PIP_RETRIES=2 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore
ENV HOME=/home/appuser \
    USER=appuser \
    SHELL=/bin/bash \
    LANG=C.UTF-8 \
    PATH=/opt/venv/bin:/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin:$QGRAPH_PACKAGES/bin \
    VIRTUAL_ENV=/opt/venv \
    JUPYTER_PREFER_ENV_PATH=0 \
    JUPYTER_RUNTIME_DIR=/tmp/jupyter-runtime \
    MPLCONFIGDIR=/tmp/matplotlib
# The font list takes seconds to make. The entry point copies this one to the place where matplotlib looks.
RUN MPLCONFIGDIR=/opt/qgraph/matplotlib python -c 'import matplotlib.font_manager'
COPY docker/profile.sh /etc/profile.d/qgraph.sh
COPY docker/jupyter_server_config.py /etc/jupyter/
COPY docker/qgraph_health.json docker/qgraph_dask.json /opt/venv/etc/jupyter/jupyter_server_config.d/
COPY docker/dask.yaml /opt/venv/etc/dask/
# JupyterLab 4.6 asks whether to fetch news, even without a network.
COPY docker/overrides.json /opt/venv/share/jupyter/lab/settings/
COPY docker/help /opt/venv/share/jupyter/labextensions/@qgraph/help
COPY docker/bin /opt/qgraph/bin
COPY docker/sbom /opt/qgraph/bin/sbom
RUN ln -s /opt/qgraph/bin/lessons.py /usr/local/bin/qgraph-lessons
COPY --from=builder /opt/constraints.txt /opt/wheels.json /opt/qgraph/
COPY examples /opt/qgraph/share/examples
COPY notebooks/*.ipynb /opt/qgraph/share/notebooks/
COPY notebooks/sanitize.cfg /opt/qgraph/
COPY --from=package /out/opt/venv /opt/venv
COPY --from=site /site /opt/venv/share/qgraph/docs
RUN python -I -c 'import qgraph; print(f"qgraph=={qgraph.__version__}")' >> /opt/qgraph/constraints.txt \
    && python -I /opt/qgraph/bin/sbom
# Not the work folder: where a whole home is mounted, Docker would make a missing one for root alone.
WORKDIR /home/appuser
USER 1000
EXPOSE 8888
# The first probe waits for one interval, so the interval is short. Later probes wait for 90 s themselves:
# Docker Engine before 25 knows no other interval after the start.
HEALTHCHECK --interval=5s --timeout=120s --start-period=60s --retries=3 \
    CMD ["sh", "/opt/qgraph/bin/health.sh"]
ENTRYPOINT ["tini", "-s", "--", "python3", "-E", "-s", "-S", "/opt/qgraph/bin/start.py"]
CMD ["jupyter", "lab"]
ARG VERSION=unknown
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
ARG SOURCE=unknown
ARG BASE_NAME=unknown
ARG BASE_DIGEST=unknown
LABEL org.opencontainers.image.title="qgraph" \
      org.opencontainers.image.description="Quantum optimisation on graphs, in JupyterLab" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.authors="The qgraph developers" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.base.name="${BASE_NAME}" \
      org.opencontainers.image.base.digest="${BASE_DIGEST}"

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
