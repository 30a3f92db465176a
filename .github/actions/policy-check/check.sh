#!/usr/bin/env bash
# Checks, annotates the change, and puts the report into the summary of the job.
set -euo pipefail

arguments=()
# What begins with a dash is no path.
while IFS= read -r path; do
    [ -z "$path" ] && continue
    case "$path" in -) ;; -*) path="./$path" ;; esac
    arguments+=("$path")
done <<<"$CHECK_PATHS"
[ -z "$CHECK_FAIL_ON" ] || arguments+=("--fail-on=$CHECK_FAIL_ON")
while IFS= read -r argument; do
    [ -z "$argument" ] || arguments+=("$argument")
done <<<"$CHECK_ARGUMENTS"

report="$RUNNER_TEMP/meshsec-report.txt"
outputs=(-o github -o "text=$report")
if [ -n "$CHECK_SARIF" ]; then
    mkdir -p "$(dirname "$CHECK_SARIF")"
    outputs+=(-o "sarif=$CHECK_SARIF")
fi

code=0
meshsec policy check "${arguments[@]}" "${outputs[@]}" || code=$?
{
    echo "exit-code=$code"
    echo "sarif=$CHECK_SARIF"
} >>"$GITHUB_OUTPUT"
if [ -s "$report" ]; then
    # A summary may hold a mebibyte. Four blanks make a block that no text can end.
    { echo '### meshsec policy check'; echo; head -c 500000 "$report" | sed 's/^/    /'; echo; } >>"$GITHUB_STEP_SUMMARY"
fi
exit "$code"
