# dotstory: docker build -t dotstory . && docker run -v ./config:/config:ro -p 127.0.0.1:8080:8080 dotstory

# The version in rust-toolchain.toml.
ARG RUST_VERSION=1.95.0
ARG DEBIAN=bookworm

FROM rust:${RUST_VERSION}-slim-${DEBIAN} AS builder
WORKDIR /build
# Dependencies in a layer of their own, which is rebuilt only when they change.
COPY Cargo.toml Cargo.lock rust-toolchain.toml ./
RUN mkdir -p src benches \
    && echo 'fn main() {}' > src/main.rs && touch src/lib.rs \
    && for bench in $(sed -n '/^\[\[bench\]\]/,/^$/s/^name = "\(.*\)"/\1/p' Cargo.toml); do echo 'fn main() {}' > "benches/$bench.rs"; done \
    && cargo build --release --locked
COPY config/dotstory.toml config/dotstory.toml
COPY config/brands/acme.toml.example config/brands/acme.toml.example
COPY templates templates
COPY src src
# Cargo compares modification times: the sources must be newer than the placeholders.
RUN touch src/main.rs src/lib.rs && cargo build --release --locked

FROM gcr.io/distroless/cc-debian12:nonroot
ARG REVISION=unknown
LABEL org.opencontainers.image.title="dotstory" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=builder /build/target/release/dotstory /dotstory
# The configuration is mounted at /config and not copied, because it names secrets.
EXPOSE 8080 8081
HEALTHCHECK --interval=30s --timeout=5s CMD ["/dotstory", "check", "--running", "--config", "/config/dotstory.toml"]
ENTRYPOINT ["/dotstory"]
CMD ["serve", "--config", "/config/dotstory.toml"]
