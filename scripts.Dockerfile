# The two jobs, the schema's migrations and the simulated exchange: volatility/, exchange_simulator/ and scripts/.
FROM python:3.13-slim AS build
RUN python -m venv --without-pip /opt/venv
COPY requirements-scripts.txt /tmp/
RUN python -m pip --python /opt/venv/bin/python install --no-cache-dir --no-deps --require-hashes \
    --only-binary=:all: -r /tmp/requirements-scripts.txt \
 && python -m pip --python /opt/venv/bin/python check \
 && find /opt/venv -type d -name tests -prune -exec rm -rf {} +
COPY volatility/ /app/volatility/
COPY exchange_simulator/ /app/exchange_simulator/
COPY scripts/ /app/scripts/
# Compiled here: a start without bytecode takes three to four times as long, and the user of the image can't write it.
# Unchecked: whatever happens to the files' times on the way into the image, the bytecode stays valid.
RUN python -m compileall -q --invalidation-mode unchecked-hash /app \
 && printf '#!/opt/venv/bin/python\nfrom volatility.cli import main\n\nraise SystemExit(main())\n' >/opt/venv/bin/btc-volatility \
 && chmod 755 /opt/venv/bin/btc-volatility

FROM python:3.13-slim
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="btc-scripts" \
      org.opencontainers.image.description="Backfill of hourly candles and aggregation to 11:00 MSK sessions" \
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
# A job ends with an exit code, which is its health.
HEALTHCHECK NONE
CMD ["btc-volatility", "--help"]
