# The API: FastAPI over the database, without pandas.
FROM python:3.13-slim AS build
RUN python -m venv --without-pip /opt/venv
COPY requirements-api.txt /tmp/
RUN python -m pip --python /opt/venv/bin/python install --no-cache-dir --no-deps --require-hashes \
    --only-binary=:all: -r /tmp/requirements-api.txt \
 && python -m pip --python /opt/venv/bin/python check \
 && find /opt/venv -type d -name tests -prune -exec rm -rf {} +
COPY volatility/ /app/volatility/
COPY api/ /app/api/
# See scripts.Dockerfile.
RUN python -m compileall -q --invalidation-mode unchecked-hash /app

FROM python:3.13-slim
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="btc-api" \
      org.opencontainers.image.description="Statistics of 11:00 MSK sessions over HTTP" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN useradd --uid 10001 --user-group --home-dir /app --no-create-home btc
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
# A company's own CA, where one is needed: see docs/operations.md.
COPY certificates/ /certificates/
USER btc
WORKDIR /app
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["uvicorn", "api.main:app", "--host", "0.0.0.0", "--port", "8000"]
