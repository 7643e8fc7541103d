# One image for every subcommand: Node 24, Debian's ffmpeg, the packages of package-lock.json. `make image` builds it.
ARG DEBIAN_IMAGE=docker.io/library/debian:bookworm-slim
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim

FROM ${NODE_IMAGE} AS packages
WORKDIR /opt/streammonitor
COPY package.json package-lock.json .npmrc ./
ENV NPM_CONFIG_UPDATE_NOTIFIER=false
# No script of a package has to run: what is native (sharp) comes built, one package for each platform.
RUN npm ci --omit=dev --ignore-scripts --loglevel=error \
  && npm sbom --omit=dev --package-lock-only --sbom-format=cyclonedx >/npm.cdx.json
COPY image/trim-packages.sh /
RUN sh /trim-packages.sh node_modules

FROM ${DEBIAN_IMAGE} AS debian
COPY image/install-ffmpeg.sh /tmp/
RUN sh /tmp/install-ffmpeg.sh
RUN groupadd --gid 10001 streammonitor \
  && useradd --uid 10001 --gid 10001 --home-dir /tmp --no-create-home --shell /usr/sbin/nologin streammonitor

FROM packages AS bill-of-materials
COPY --from=debian /var/lib/dpkg/status /dpkg-status
COPY image/sbom.mjs /
RUN node /sbom.mjs /npm.cdx.json /dpkg-status >/sbom.cdx.json

FROM debian
COPY --from=packages /usr/local/bin/node /usr/local/bin/node
COPY --from=packages /opt/streammonitor/node_modules /opt/streammonitor/node_modules
COPY --from=bill-of-materials /sbom.cdx.json /usr/share/doc/streammonitor/sbom.cdx.json
COPY LICENSE package.json /opt/streammonitor/
COPY bin /opt/streammonitor/bin
COPY cli /opt/streammonitor/cli
COPY crds /opt/streammonitor/crds
COPY operator /opt/streammonitor/operator
COPY monitor /opt/streammonitor/monitor
ENV NODE_ENV=production
WORKDIR /tmp
USER 10001:10001
ENTRYPOINT ["/opt/streammonitor/bin/streammonitor"]
ARG REVISION=unknown
ARG VERSION=unknown
LABEL org.opencontainers.image.title="StreamMonitor" \
  org.opencontainers.image.description="Watches live video the way viewers do, on Kubernetes" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
