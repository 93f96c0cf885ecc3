# Airflow with the docker provider and the DAGs; no business code. `--target celery` adds the Celery executor.
FROM python:3.13-slim AS venv
RUN python -m venv --without-pip /opt/venv
COPY requirements-airflow.txt /tmp/
RUN python -m pip --python /opt/venv/bin/python install --no-cache-dir --no-deps --require-hashes \
    --only-binary=:all: -r /tmp/requirements-airflow.txt \
 && python -m pip --python /opt/venv/bin/python check

FROM venv AS venv-celery
COPY requirements-airflow-celery.txt /tmp/
RUN python -m pip --python /opt/venv/bin/python install --no-cache-dir --no-deps --require-hashes \
    --only-binary=:all: -r /tmp/requirements-airflow-celery.txt \
 && python -m pip --python /opt/venv/bin/python check

FROM python:3.13-slim AS base
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="btc-airflow" \
      org.opencontainers.image.description="Schedules of the BTC volatility jobs: Airflow, its docker provider, the DAGs" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Airflow writes airflow.cfg into its home at the first start; task logs and DAGs lie elsewhere, so that the home can
# be a tmpfs and the rest of the root filesystem read-only.
RUN useradd --uid 50000 --gid 0 --home-dir /opt/airflow --create-home airflow \
 && mkdir /var/log/airflow && chown airflow:0 /var/log/airflow
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/dags \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=/var/log/airflow \
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False
COPY docker/airflow/ /usr/local/bin/
COPY dags/ /opt/dags/
# A company's own CA, where one is needed: see docs/operations.md.
COPY certificates/ /certificates/
USER airflow
WORKDIR /opt/airflow
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=90s CMD ["airflow-healthy", "api-server"]
CMD ["airflow", "api-server"]

FROM base AS celery
COPY --from=venv-celery /opt/venv /opt/venv

FROM base AS airflow
COPY --from=venv /opt/venv /opt/venv
