#!/bin/sh
# Fills corpus/ with small starting inputs: the hand-written seeds, the examples, and the cases of the tests.
set -eu
cd "$(dirname "$0")"
for target in manifest scenario lowering matcher token token_inspect path simulate certificate svid_input spiffe_bundle certificate_request jwk jwk_set key_file authority admission; do mkdir -p "corpus/$target"; done

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

# First byte of an inspection: 0 something pasted, 1 a header and a payload, 2 claims that get signed.
find ../examples -name '*.jwt' | while read -r file; do { printf '\0Bearer '; cat "$file"; } > "corpus/token_inspect/$(flat "$file")"; done
grep -rhoE 'eyJ[A-Za-z0-9_-]+[.][A-Za-z0-9_-]*[.][A-Za-z0-9_-]*' ../src/jose ../tests/cli | sort -u | while read -r token; do
    number=$((number + 1))
    printf '\0%s' "$token" > "corpus/token_inspect/token-$number"
    printf '\0{"access_token":"%s"}' "$token" > "corpus/token_inspect/answer-$number"
done
for claims in '{}' '{"iss":"a","sub":"b","aud":["c"],"exp":1700000001,"nbf":1e9,"iat":0.5,"jti":"x"}' '{"n":[1e400,{"a":null}]}'; do
    number=$((number + 1))
    printf '\2%s' "$claims" > "corpus/token_inspect/claims-$number"
    printf '\1\17{"alg":"ES256"}%s' "$claims" > "corpus/token_inspect/pieces-$number"
done

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

# Certificates of the tests. First byte of a certificate input: 0 a certificate, 1 a list, 2 a request, 3 changes to a chain, 4 PEM.
for file in ../src/pki/testdata/*.pem; do
    name=$(basename "$file" .pem)
    cp "$file" "corpus/svid_input/$name.pem"
    { printf '\4'; cat "$file"; } > "corpus/certificate/$name.pem"
    case $name in request*) kind='\2' ;; *) kind='\0' ;; esac
    der() { sed -e '/^-----END/q' "$file" | grep -v '^-----' | base64 -d; }
    { printf "$kind"; der; } > "corpus/certificate/$name"
    der > "corpus/svid_input/$name"
    printf 'kind: Secret\nmetadata: {name: x}\ndata:\n  tls.crt: %s\n' "$(base64 -w 0 < "$file")" > "corpus/svid_input/$name.yaml"
    printf '{"dynamicActiveSecrets":[{"name":"default","secret":{"tlsCertificate":{"certificateChain":{"inlineBytes":"%s"}}}}]}' \
        "$(base64 -w 0 < "$file")" > "corpus/svid_input/$name.json"
done
for length in 4 8 16; do { printf '\3'; head -c "$length" seed.sh; } > "corpus/certificate/changes-$length"; done

# Trust bundles: certificates of the tests as PEM, and hand-written documents with one of them in it.
first=../src/pki/testdata/istio-ca-cert.pem
x5c="$(sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p' "$first" | sed '/END CERTIFICATE/q' | grep -v -- '-----' | tr -d '\n')"
cp "$first" corpus/spiffe_bundle/one.pem
for document in '{"keys":[]}' '{"keys":[],"spiffe_sequence":7,"spiffe_refresh_hint":300}' "{\"keys\":[{\"use\":\"x509-svid\",\"kty\":\"RSA\",\"x5c\":[\"$x5c\"]}]}" \
    '{"keys":[{"use":"jwt-svid","kid":"a","kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}' \
    '{"trust_domains":{"a":{"keys":[]},"b":{"keys":[{"use":"sig","kty":"EC"}]}}}'; do
    number=$((number + 1))
    printf '%s' "$document" > "corpus/spiffe_bundle/document-$number"
done
# Requests: 0 as they are, 1 and 2 signed by the target around attributes, extensions or names.
{ printf '\0'; cat ../src/pki/testdata/request-rsa-1024.pem; } > corpus/certificate_request/weak
printf '\1\2\206\015spiffe://td/a' > corpus/certificate_request/name
printf '\1\1\060\017\006\003\125\035\023\001\001\377\004\005\060\003\001\001\377' > corpus/certificate_request/authority

# Keys of the tests. First byte of a key file: whether there is a passphrase, which is `secret`.
number=0
grep -hoE '\{"kty".*\}' ../src/jose/keys/tests/facts.rs | while read -r key; do
    number=$((number + 1))
    printf '%s' "$key" > "corpus/jwk/$number"
    printf '{"keys":[%s,{"kty":"x"}],"more":1}' "$key" | tee "corpus/jwk_set/$number" | { printf '\0'; cat; } > "corpus/key_file/set-$number"
done
awk -v out=corpus/key_file/pem- '
    /-----BEGIN / { sub(/.*-----BEGIN /, "-----BEGIN "); number++; printf "1" > (out number) }
    /-----BEGIN /,/-----END / { print > (out number) }
' ../src/jose/keys/tests/files.rs
# Without openssl there are fewer of them.
for make in "RSA -pkeyopt rsa_keygen_bits:2048" "RSA-PSS -pkeyopt rsa_keygen_bits:2048" "EC -pkeyopt ec_paramgen_curve:P-256" "EC -pkeyopt ec_paramgen_curve:P-521" ED25519 X25519; do
    name=corpus/key_file/$(printf '%s' "$make" | tr -dc 'A-Za-z0-9')
    key=$(openssl genpkey -algorithm $make 2> /dev/null) || break
    { printf '0'; printf '%s\n' "$key"; } > "$name"
    { printf '0'; printf '%s\n' "$key" | openssl pkey -outform DER; } > "$name.der"
    { printf '0'; printf '%s\n' "$key" | openssl pkey -pubout; } > "$name.public"
    { printf '0'; printf '%s\n' "$key" | openssl pkey -pubout -outform DER; } > "$name.public.der"
    { printf '1'; printf '%s\n' "$key" | openssl pkcs8 -topk8 -passout pass:secret -outform DER -iter 2; } > "$name.encrypted.der"
    { printf '1'; printf '%s\n' "$key" | openssl pkey -traditional -aes128 -passout pass:secret 2> /dev/null; } > "$name.traditional" || rm "$name.traditional"
done
cp seeds/authority/* corpus/authority/

# Documents with recorded answers, one of four.
sed -n '0~4s/.*"yaml":"\(.*\)"}$/\1/p' ../tests/conformance/admission.jsonl | sed 's/\\"/"/g' | while read -r document; do
    number=$((number + 1))
    printf '%b' "$document" > "corpus/admission/document-$number"
done

# Words for the fuzzer to insert: the names the readers know.
words() { grep -rhoE '"[A-Za-z][A-Za-z0-9./_-]{1,40}"' "$@" | sort -u; }
words ../src/manifest --include='*.rs' --exclude-dir=tests --exclude=tests.rs > corpus/manifest.dict
words ../src/admission --include='*.rs' --exclude=tests.rs > corpus/admission.dict
words ../src/simulate/scenario > corpus/scenario.dict
cat corpus/manifest.dict corpus/scenario.dict > corpus/simulate.dict
words ../src/jose/keys --include='*.rs' --exclude-dir=tests | tee corpus/jwk.dict corpus/jwk_set.dict > corpus/key_file.dict
words ../src/jose ../src/simulate/request_authentication --include='*.rs' | tee corpus/token.dict > corpus/token_inspect.dict
words ../src/bundle --include='*.rs' --exclude=tests.rs > corpus/spiffe_bundle.dict
