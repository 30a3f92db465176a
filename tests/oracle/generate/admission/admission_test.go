// Package admission checks generated objects as istiod's webhook does on `kubectl apply`.
package admission

import (
	"strings"
	"testing"

	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pkg/log"

	"oracle/generate"
)

// TestStrictMeshesAreAdmitted covers what is meant to be valid; few meshes hold objects that are not, and say so.
func TestStrictMeshesAreAdmitted(t *testing.T) {
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
	objects := 0
	for seed := range uint64(600) {
		for _, doc := range generate.Make(seed, generate.Size{Requests: 1, Strict: true}).Docs {
			if !strings.Contains(doc["apiVersion"].(string), "istio.io") {
				continue
			}
			objects++
			text := generate.YAML([]generate.Doc{doc})
			if _, _, err := crd.ParseInputs(text); err != nil {
				t.Errorf("seed %d: %v\n%s", seed, err, text)
			}
		}
	}
	if objects < 1000 {
		t.Fatalf("only %d objects", objects)
	}
}
