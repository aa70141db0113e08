# Orgwarden for production-like use; docker-compose.yml runs one container a process of it.

FROM node:24.19.0-slim AS assets
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY static ./static
# Styles that neither of them names are left out.
COPY templates ./templates
COPY governance ./governance
RUN node static/build.mjs

FROM python:3.11.14-slim AS packages
COPY requirements.txt /tmp/
RUN python -m venv /opt/orgwarden \
 && /opt/orgwarden/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/requirements.txt

FROM python:3.11.14-slim
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin orgwarden
COPY --from=packages /opt/orgwarden /opt/orgwarden
WORKDIR /srv/orgwarden
COPY manage.py ./
COPY policies ./policies
COPY inventory ./inventory
COPY governance ./governance
COPY templates ./templates
COPY docs/roles ./docs/roles
COPY static/src/icons.txt ./static/src/
COPY --from=assets /build/static/build ./static/build
COPY docker/entrypoint docker/healthcheck.py /usr/local/lib/orgwarden/
ENV PATH=/opt/orgwarden/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ORGWARDEN_CACHE_DIR=/srv/orgwarden/.cache \
    DJANGO_SETTINGS_MODULE=governance.config.settings.prod
# The key of this one command signs nothing and stays out of the image.
RUN ORGWARDEN_SECRET_KEY=only-to-collect-static-files \
    python manage.py collectstatic --noinput \
 && python -c "from policies.catalogue import load_catalogue; load_catalogue()" \
 && python -m compileall -q policies inventory governance
# A volume that is mounted there takes over whose it is.
RUN mkdir /srv/checkpoints && chown orgwarden /srv/checkpoints
USER orgwarden
EXPOSE 8000
ENTRYPOINT ["/usr/local/lib/orgwarden/entrypoint"]
CMD ["gunicorn", "governance.config.wsgi", "--config", "python:governance.config.gunicorn", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", "--no-control-socket", "--worker-tmp-dir", "/dev/shm", "--access-logfile", "-"]
