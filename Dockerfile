# The server, and MLflow from the same install; docs/deploy.md says how to run them.
# Every version is that of constraints.txt. Nothing secret is in here: keys are made in a volume,
# passwords come as files in /run/secrets.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
# A build of torch without CUDA; for a GPU: --build-arg TORCH_INDEX=https://pypi.org/simple
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
RUN python -m venv /usr/local/lib/cac
WORKDIR /src
COPY constraints.txt pyproject.toml README.md LICENSE NOTICE ./
RUN /usr/local/lib/cac/bin/pip install --no-deps --index-url "$TORCH_INDEX" "$(grep '^torch==' constraints.txt)"
COPY cac cac
COPY serve serve
COPY training training
# `neural` and MLflow are for bundles: what scores by an encoder, and the registry that holds them.
RUN /usr/local/lib/cac/bin/pip install --constraint constraints.txt '.[serve,x12,fast,neural]' mlflow \
 && /usr/local/lib/cac/bin/pip check

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 cac \
 && useradd --uid 10001 --gid cac --no-create-home --home-dir /nonexistent \
      --shell /usr/sbin/nologin cac \
 && install --directory --owner=cac --group=cac --mode=0700 \
      /var/lib/cac /var/lib/cac-keys /var/cache/cac /var/lib/mlflow
COPY --from=build /usr/local/lib/cac /usr/local/lib/cac
COPY deploy/health.py /usr/local/lib/cac/health.py
ENV PATH=/usr/local/lib/cac/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CAC_STATE=/var/lib/cac \
    CAC_SECRETS=/var/lib/cac-keys \
    CAC_CACHE=/var/cache/cac \
    CREDENTIALS_DIRECTORY=/run/secrets \
    MLFLOW_DISABLE_TELEMETRY=true
USER 10001:10001
WORKDIR /var/lib/cac
VOLUME ["/var/lib/cac", "/var/lib/cac-keys", "/var/cache/cac"]
EXPOSE 8700
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "/usr/local/lib/cac/health.py"]
ENTRYPOINT ["cac", "serve"]
