package answer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	RunChild()
	if os.Getenv("ENVOY_BIN") == "" {
		fmt.Println("skipped: everything in this package asks the real Envoy, and ENVOY_BIN names none")
		return
	}
	os.Exit(m.Run())
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// webMesh is the usual stage: foo/web on 8080 behind Service web:80, bar/cli, two working providers.
func webMesh(r *shortRequest) string {
	port := "http"
	if r.Mode == "tcp" {
		port = "tcp"
	}
	config := map[string]any{"extensionProviders": []any{
		map[string]any{"name": "authz-grpc", "envoyExtAuthzGrpc": map[string]any{"service": "authz.foo.svc.cluster.local", "port": 9000}},
		map[string]any{"name": "authz-http", "envoyExtAuthzHttp": map[string]any{"service": "authz.foo.svc.cluster.local", "port": 8000}},
	}}
	if r.Norm != "" {
		config["pathNormalization"] = map[string]any{"normalization": r.Norm}
	}
	if len(r.TDs) > 0 {
		config["trustDomain"] = r.TDs[0]
		config["trustDomainAliases"] = r.TDs[1:]
	}
	text := string(must(json.Marshal(string(must(json.Marshal(config))))))
	return namespaces + workload("foo", "web") + workload("bar", "cli") + `---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data: {mesh: ` + text + `}
` + service("web", "foo", fmt.Sprintf(`{name: %s, port: 80, targetPort: 8080}`, port)) +
		service("authz", "foo", `{name: http, port: 8000}, {name: grpc, port: 9000}`)
}

const namespaces = `---
apiVersion: v1
kind: Namespace
metadata: {name: foo, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: bar, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: plain}
`

func workload(namespace, name string, pod ...string) string {
	return fmt.Sprintf(`---
apiVersion: apps/v1
kind: Deployment
metadata: {name: %[2]s, namespace: %[1]s}
spec:
  selector: {matchLabels: {app: %[2]s}}
  template:
    metadata: {labels: {app: %[2]s}%[3]s}
    spec: {serviceAccountName: %[2]s, containers: [{name: c, image: x}]}
`, namespace, name, strings.Join(pod, ""))
}

func service(name, namespace, ports string) string {
	return fmt.Sprintf(`---
apiVersion: v1
kind: Service
metadata: {name: %[1]s, namespace: %[2]s}
spec: {selector: {app: %[1]s}, ports: [%[3]s]}
`, name, namespace, ports)
}

func requestAuthentication(issuer string, more ...string) string {
	return fmt.Sprintf(`---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: ra, namespace: foo}
spec: {jwtRules: [{issuer: %q, jwks: '%s'%s}]}
`, issuer, keyA.set(), strings.Join(more, ""))
}

// signer is a key that signs tokens.
type signer struct {
	kid, alg string
	rsa      *rsa.PrivateKey
	ec       *ecdsa.PrivateKey
}

var (
	keyA = signer{kid: "k1", alg: "RS256", rsa: must(rsa.GenerateKey(rand.Reader, 2048))}
	keyB = signer{kid: "k2", alg: "ES256", ec: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))}
	key0 = signer{alg: "RS256", rsa: must(rsa.GenerateKey(rand.Reader, 2048))}
)

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

func (k signer) jwk() string {
	fields := map[string]any{}
	if k.kid != "" {
		fields["kid"], fields["alg"] = k.kid, k.alg
	}
	if k.rsa != nil {
		fields["kty"], fields["n"], fields["e"] = "RSA", b64(k.rsa.N.Bytes()), b64(big.NewInt(int64(k.rsa.E)).Bytes())
	} else {
		fields["kty"], fields["crv"] = "EC", "P-256"
		fields["x"], fields["y"] = b64(k.ec.X.FillBytes(make([]byte, 32))), b64(k.ec.Y.FillBytes(make([]byte, 32)))
	}
	return string(must(json.Marshal(fields)))
}

func (k signer) set() string { return `{"keys":[` + k.jwk() + `]}` }

// token signs the claims under the key's own header.
func (k signer) token(claims map[string]any) string {
	header := map[string]any{"alg": k.alg, "typ": "JWT"}
	if k.kid != "" {
		header["kid"] = k.kid
	}
	return k.sign(header, string(must(json.Marshal(claims))))
}

// sign signs any header and payload.
func (k signer) sign(header map[string]any, payload string) string {
	text := b64(must(json.Marshal(header))) + "." + b64([]byte(payload))
	digest := sha256.Sum256([]byte(text))
	if k.ec != nil {
		r, s, err := ecdsa.Sign(rand.Reader, k.ec, digest[:])
		if err != nil {
			panic(err)
		}
		return text + "." + b64(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
	}
	switch header["alg"] {
	case "RS512":
		long := sha512.Sum512([]byte(text))
		return text + "." + b64(must(rsa.SignPKCS1v15(rand.Reader, k.rsa, crypto.SHA512, long[:])))
	case "HS256":
		mac := hmac.New(sha256.New, k.rsa.N.Bytes())
		mac.Write([]byte(text))
		return text + "." + b64(mac.Sum(nil))
	}
	return text + "." + b64(must(rsa.SignPKCS1v15(rand.Reader, k.rsa, crypto.SHA256, digest[:])))
}
