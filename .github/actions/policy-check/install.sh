#!/usr/bin/env bash
# Puts `meshsec` on the PATH of the steps that follow: a release, what is installed, or the commit of this action.
set -euo pipefail

target="$RUNNER_TEMP/meshsec"
version="${MESHSEC_VERSION#v}"

case "$version" in
installed)
    command -v meshsec >/dev/null || { echo "::error title=meshsec::version is \`installed\`, and there is no meshsec on the PATH"; exit 3; }
    meshsec --version
    exit 0
    ;;
'')
    command -v cargo >/dev/null || { echo "::error title=meshsec::building needs a Rust toolchain; give a version to install a release"; exit 3; }
    cargo install --locked --quiet --root "$target" --path "$GITHUB_ACTION_PATH/../../.."
    ;;
*)
    case "$version" in
    *[!0-9A-Za-z.+-]*) echo "::error title=meshsec::version is no release"; exit 2 ;;
    esac
    case "${RUNNER_OS:-}-${RUNNER_ARCH:-}" in
    Linux-X64) platform=x86_64-unknown-linux-musl ;;
    Linux-ARM64) platform=aarch64-unknown-linux-musl ;;
    macOS-X64) platform=x86_64-apple-darwin ;;
    macOS-ARM64) platform=aarch64-apple-darwin ;;
    *) echo "::error title=meshsec::there is no release for ${RUNNER_OS:-} ${RUNNER_ARCH:-}; leave version empty to build it"; exit 3 ;;
    esac
    name="meshsec-$version-$platform.tar.gz"
    base="${MESHSEC_RELEASES:-https://github.com/meshsec/meshsec/releases/download}/v$version"
    mkdir -p "$target/bin"
    cd "$target"
    for file in "$name" "$name.sha256"; do
        curl --fail --silent --show-error --location --retry 3 --output "$file" "$base/$file" ||
            { echo "::error title=meshsec::release $version cannot be downloaded"; exit 3; }
    done
    # The sum names the file that was downloaded and no other.
    sum="$(cut -d ' ' -f 1 "$name.sha256")"
    if command -v sha256sum >/dev/null; then echo "$sum  $name" | sha256sum --check --quiet; else echo "$sum  $name" | shasum -a 256 --check --quiet; fi
    tar -xzf "$name" -C bin meshsec
    ;;
esac
echo "$target/bin" >>"$GITHUB_PATH"
"$target/bin/meshsec" --version
