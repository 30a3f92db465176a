// Package admission checks generated objects against the gates that `kubectl apply` meets.
package admission

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"istio.io/istio/pilot/pkg/config/kube/crd"
	schema "istio.io/istio/pkg/config/crd"
	"istio.io/istio/pkg/log"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"oracle/generate"
)

// TestStrictMeshesAreAdmitted covers what is meant to be valid; few meshes hold objects that are not, and say so.
func TestStrictMeshesAreAdmitted(t *testing.T) {
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "istio.io/istio").Output()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(strings.TrimSpace(string(dir)), "manifests/charts/base/files/crd-all.gen.yaml")
	gate, err := schema.NewValidatorFromFilesWithOptions([]string{file}, schema.WithoutCRDValidation())
	if err != nil {
		t.Fatal(err)
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
			object := &unstructured.Unstructured{}
			if err := yaml.Unmarshal([]byte(text), &object.Object); err != nil {
				t.Fatal(err)
			}
			if err := gate.ValidateCustomResource(object); err != nil {
				t.Errorf("seed %d: %v\n%s", seed, err, text)
			}
		}
	}
	if objects < 1000 {
		t.Fatalf("only %d objects", objects)
	}
}
