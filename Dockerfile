# The messenger service as an image: `docker build -t messenger-service .`
# docs/operations.md, "Run it in Docker", has the compose files that belong to it.

FROM node:22-bookworm-slim AS pages
WORKDIR /pages
# The packages alone: this layer is made again only when they change.
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM rust:1.95-bookworm AS build
WORKDIR /build
# Release builds keep line tables for profiling. An image does without them; the names in backtraces stay.
ENV CARGO_PROFILE_RELEASE_DEBUG=false \
    CARGO_PROFILE_RELEASE_STRIP=debuginfo
# The dependencies alone, under empty sources: this layer is made again only when a manifest changes.
COPY Cargo.toml Cargo.lock ./
COPY xtask/Cargo.toml xtask/
COPY benches/load/Cargo.toml benches/load/
RUN mkdir -p src xtask/src benches/load/src \
    && for folder in src xtask/src benches/load/src; do echo 'fn main() {}' > "$folder/main.rs"; done \
    && touch src/lib.rs \
    && cargo build --release --locked --package messenger-service --bin messenger-service
COPY build.rs ./
COPY config config
COPY migrations migrations
COPY src src
# after the sources, so that it is not built anew for them
COPY --from=pages /pages/dist frontend/dist
# cargo goes by the time of a file, and those copied may be older than the empty ones it has built
RUN touch src/lib.rs src/main.rs \
    && cargo build --release --locked --package messenger-service --bin messenger-service

FROM debian:bookworm-slim
# A fixed number, so that files keep their owner when the image is built anew. /data comes with its owner, which a new
# volume takes over.
RUN groupadd --system --gid 10001 messenger \
    && useradd --system --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin messenger \
    && install --directory --owner=messenger --group=messenger --mode=0700 /data
# whom to trust when the service calls others by https
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /build/target/release/messenger-service /usr/local/bin/messenger-service
ENV DATA_DIR=/data
VOLUME /data
USER 10001:10001
WORKDIR /
# 8000: APIs, pages, sockets. 8008 and 8448: external Matrix clients, without and with TLS.
EXPOSE 8000 8008 8448
# Does the process answer? Not /ready: while only the homeserver is away the service still reads and accepts notifications,
# and a proxy takes no requests to a container that is not healthy. bash can speak TCP, so no curl is needed.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8000 && printf 'GET /live HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r status <&3 && [[ $status == 'HTTP/1.1 200 '* ]]"]
ENTRYPOINT ["messenger-service"]
CMD ["serve"]
