#!/bin/sh
# Runs fuzz targets one after another: run.sh [SECONDS] [TARGET..]
set -eu
cd "$(dirname "$0")"
seconds=${1:-600}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- manifest scenario lowering matcher token token_inspect path simulate certificate svid_input spiffe_bundle certificate_request jwk jwk_set key_file authority admission
toolchain=+nightly
cargo +nightly --version > /dev/null 2>&1 || { toolchain=; export RUSTC_BOOTSTRAP=1; }
[ -d corpus ] || ./seed.sh
# shellcheck disable=SC2086 # without a nightly toolchain there is no word to pass
cargo $toolchain fuzz build --fuzz-dir .
failed=
for target; do
    dictionary=
    [ -f "corpus/$target.dict" ] && dictionary="-dict=corpus/$target.dict"
    mkdir -p "corpus/$target" "artifacts/$target"
    binary=$(ls -t target/*/release/"$target" | head -n 1)
    # shellcheck disable=SC2086
    "$binary" "corpus/$target" -artifact_prefix="artifacts/$target/" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=20 \
        -print_final_stats=1 $dictionary > "artifacts/$target.log" 2>&1 || failed="$failed $target"
    printf '%s: ' "$target"
    grep -E '^#[0-9]+.*cov:' "artifacts/$target.log" | tail -n 1
done
[ -z "$failed" ] || { echo "failed:$failed (see artifacts/)"; exit 1; }
