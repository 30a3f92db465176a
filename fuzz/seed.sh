#!/bin/sh
# Fills corpus/ with small starting inputs: the hand-written seeds, the examples, and the cases of the tests.
set -eu
cd "$(dirname "$0")"
for target in manifest scenario lowering matcher token path simulate authority; do mkdir -p "corpus/$target"; done

# NAME of a path below the package, as one word.
flat() { printf '%s' "${1#../}" | tr / -; }

cp seeds/manifest/* corpus/manifest/
cp seeds/scenario/* corpus/scenario/
find ../examples -name '*.yaml' ! -name scenarios.yaml | while read -r file; do cp "$file" "corpus/manifest/$(flat "$file")"; done

# Scenarios of the examples: what stands in one list item, without its indentation.
for file in ../examples/*/scenarios.yaml; do
    awk -v out="corpus/scenario/$(basename "$(dirname "$file")")" '
        /^ *- name:/ { number++ }
        number { line = $0; sub(/^ *- /, "", line); sub(/^ +/, "", line); if (line !~ /^(manifests|scenarios):/) print line > (out "-" number ".yaml") }
    ' "$file"
done

# First byte of a token input: 0 a token and its keys, 1 keys, 2 JSON, 3 a request.
find ../examples -name '*.jwt' | while read -r file; do { printf '\0'; cat "$file"; } > "corpus/token/$(flat "$file")"; done
number=0
grep -rhoE '\{"keys": ?\[.*\]\}' ../examples --include='*.yaml' | sort -u | while read -r keys; do
    number=$((number + 1))
    printf '\1%s' "$keys" > "corpus/token/keys-$number"
    printf '\2%s' "$keys" > "corpus/token/json-$number"
done
for member in 'iss":"a","sub":"s' 'exp":1e2,"aud":["x"]' 'n":{"g":[1,null,true,"\\u00e9"]}'; do
    number=$((number + 1))
    printf '\2{"%s}' "$member" > "corpus/token/object-$number"
done
for length in 1 2 3 4 5 6; do head -c $((length * 40)) /dev/zero | tr '\0' "$length" > "corpus/token/request-$length"; done

# The paths of the test table.
number=0
grep -oE '"/[^"]*"' ../src/simulate/http/path.rs | sort -u | tr -d '"' | while read -r path; do
    number=$((number + 1))
    printf '%s' "${path#/}" > "corpus/path/case-$number"
done

# A mesh and scenarios as text.
ask() {
    { find "../examples/$1" -maxdepth "$2" -name '*.yaml' ! -name scenarios.yaml ! -path '*/traps/*' -exec sh -c 'for file; do echo ---; cat "$file"; done' sh {} +
      printf '\n=====\n'; cat; } > "corpus/simulate/$1-$2"
}
ask photo-app 2 < seeds/photo-app.jsonl
ask photo-app 1 < seeds/photo-app.jsonl
ask online-boutique 2 < seeds/online-boutique.jsonl
for file in seeds/manifest/*; do { cat "$file"; printf '\n=====\n'; head -n 4 seeds/photo-app.jsonl; } > "corpus/simulate/$(basename "$file")"; done
# Random meshes start with a byte that is no text.
for length in 100 400 1600; do { printf '\377'; head -c "$length" seed.sh; } > "corpus/simulate/random-$length"; done
for length in 50 200 800; do head -c "$length" seed.sh | tee "corpus/lowering/$length" > "corpus/matcher/$length"; done

cp seeds/authority/* corpus/authority/

# Words for the fuzzer to insert: the names the readers know.
words() { grep -rhoE '"[A-Za-z][A-Za-z0-9./_-]{1,40}"' "$@" | sort -u; }
words ../src/manifest --include='*.rs' --exclude-dir=tests --exclude=tests.rs > corpus/manifest.dict
words ../src/simulate/scenario > corpus/scenario.dict
cat corpus/manifest.dict corpus/scenario.dict > corpus/simulate.dict
words ../src/jose ../src/simulate/request_authentication --include='*.rs' > corpus/token.dict
