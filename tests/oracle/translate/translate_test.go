package translate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oracle/answer"
)

const mesh = `
apiVersion: v1
kind: Namespace
metadata: {name: foo, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: foo, labels: {app: web}}
spec: {containers: [{name: c, image: x}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: foo}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: p, namespace: foo}
spec: {action: DENY, rules: [{to: [{operation: {paths: [/secret]}}]}]}
`

// stand is a program that prints the given text whatever it is asked.
func stand(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "text"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "meshsec")
	if err := os.WriteFile(program, []byte("#!/bin/sh\ncat "+filepath.Join(dir, "text")+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return program
}

func diff(t *testing.T, change func(string) string) []string {
	t.Helper()
	m := answer.Mesh{Manifests: mesh}
	text, err := Config(m, "foo/web")
	if err != nil {
		t.Fatal(err)
	}
	found, err := Diff(m, stand(t, change(string(text))))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestIstiodAgreesWithItself(t *testing.T) {
	if found := diff(t, func(s string) string { return s }); len(found) > 0 {
		t.Error(found)
	}
}

func TestEveryKindOfDifferenceIsFound(t *testing.T) {
	for name, change := range map[string][3]string{
		"a value":      {"/secret", "/other", `istiod has "/secret", meshsec "/other"`},
		"a trust root": {`"spiffe://cluster.local/"`, `"spiffe://"`, "transport socket"},
		"a filter":     {`"type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC"`, `"type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors","x":1,"@y":"`, ""},
		"a chain":      {`"name": "0.0.0.0_80"`, `"name": "0.0.0.0_81"`, "chain missing: 0.0.0.0_80"},
		"the paths":    {`"normalizePath": true`, `"normalizePath": false`, "normalizePath"},
	} {
		found := diff(t, func(s string) string { return strings.ReplaceAll(s, change[0], change[1]) })
		if len(found) == 0 || !strings.Contains(strings.Join(found, "\n"), change[2]) {
			t.Errorf("%s: %v", name, found)
		}
	}
}
