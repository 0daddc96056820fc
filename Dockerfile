# Two images: `app` is the server; `sandbox-images` builds, in an engine, the images that programs run in.

FROM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
# One by one, so that a change of anything else is no new build.
COPY next.config.mjs postcss.config.mjs tsconfig.json ./
COPY app app
COPY components components
COPY protocol protocol
COPY sandbox sandbox
COPY server server
COPY scripts/build.mjs scripts/setup.mjs scripts/
COPY scripts/setup scripts/setup
RUN node scripts/build.mjs && rm -rf .next/cache .next/diagnostics .next/trace* .next/types
COPY scripts/runtime-modules.mjs scripts/
RUN node scripts/runtime-modules.mjs /runtime/node_modules

# Debian alone and Node's one file: the official image would bring npm, headers and yarn along.
FROM debian:trixie-slim AS app
WORKDIR /app
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /runtime/node_modules node_modules
COPY package.json next.config.mjs ./
COPY deploy/app-health.mjs deploy/worker-health.mjs ./
# The folders of the languages: their manifests are read, and the names of their images are made from all that is in them.
COPY sandbox sandbox
COPY --from=build /app/dist dist
COPY --from=build /app/.next .next
# Whose volume this becomes.
RUN install -d -o 10001 -g 10001 -m 700 /data
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 BUGGHOST_DATA_DIR=/data
USER 10001:10001
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "app-health.mjs"]
CMD ["node", "--enable-source-maps", "dist/server.mjs"]

# Debian as this machine's engine has it, to be handed to the engine inside, which then needs no registry.
FROM debian:trixie-slim AS trixie
FROM debian:bookworm-slim AS bookworm
FROM node:24-trixie-slim AS foundations
COPY --from=trixie / /root-of/trixie
COPY --from=bookworm / /root-of/bookworm
RUN mkdir /foundations \
 && for suite in trixie bookworm; do \
      tar --numeric-owner -C "/root-of/$suite" -czf "/foundations/debian-$suite-slim.tar.gz" . || exit 1; \
    done

FROM node:24-trixie-slim AS sandbox-images
RUN apt-get update \
 && apt-get install -y --no-install-recommends docker-cli \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log /usr/share/doc/* /usr/share/man/*
WORKDIR /app
COPY --from=foundations /foundations /foundations
COPY package.json ./
COPY scripts/sandbox-images.mjs scripts/setup.mjs scripts/
COPY scripts/setup scripts/setup
COPY sandbox sandbox
RUN install -d -o 10001 -g 10001 -m 700 /building
# What is being built, npm's packages among it, is too much for a /tmp in memory.
ENV HOME=/building TMPDIR=/building BUGGHOST_DATA_DIR=/building BUGGHOST_FOUNDATIONS=/foundations
USER 10001:10001
ENTRYPOINT ["node", "scripts/sandbox-images.mjs"]
