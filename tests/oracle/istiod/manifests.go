// Package istiod runs istiod's own code in memory over a set of manifests and hands out the
// configuration it builds for every proxy in them.
package istiod

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	k8syaml "k8s.io/apimachinery/pkg/util/yaml"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/config/schema/resource"
	kubelib "istio.io/istio/pkg/kube"
)

// KeySource marks a key set that the proxies would fetch: the text stands in the listener where
// the keys belong, until a scenario says what the address serves.
const KeySource = `{"keys":[],"oracle-source":`

// Inventory is what the manifests hold, read but not yet given to istiod.
type Inventory struct {
	MeshConfig *meshconfig.MeshConfig
	Workloads  []*Workload
	Services   []*Service
	Configs    []config.Config
	kubernetes []runtime.Object
	namespaces map[string]map[string]string
}

// Read parses multi-document YAML or JSON. Kinds that neither Kubernetes' network nor Istio look at are skipped.
func Read(manifests string) (*Inventory, error) {
	objects, err := split(manifests)
	if err != nil {
		return nil, err
	}
	inv := &Inventory{namespaces: map[string]map[string]string{}}
	meshText := ""
	for _, o := range objects {
		group, _, _ := strings.Cut(o.GetAPIVersion(), "/")
		switch {
		case strings.HasSuffix(group, ".istio.io") && group != "install.istio.io":
			if o.GetNamespace() == "" {
				o.SetNamespace("default")
			}
			standInForKeys(o)
			if err := inv.addConfig(o); err != nil {
				return nil, err
			}
		case group == "gateway.networking.k8s.io":
			if err := inv.addKubernetes(o); err != nil {
				return nil, err
			}
		case o.GetKind() == "ConfigMap" && o.GetName() == "istio":
			text, _, _ := unstructured.NestedString(o.Object, "data", "mesh")
			if o.GetNamespace() == "istio-system" || meshText == "" {
				meshText = text
			}
		case o.GetKind() == "Namespace":
			inv.namespaces[o.GetName()] = o.GetLabels()
			if err := inv.addKubernetes(o); err != nil {
				return nil, err
			}
		}
	}
	if inv.MeshConfig, err = mesh.ApplyMeshConfigDefaults(meshText); err != nil {
		return nil, fmt.Errorf("mesh config: %w", err)
	}
	if err := inv.addWorkloads(objects); err != nil {
		return nil, err
	}
	return inv, inv.addServices(objects)
}

// split reads every document and flattens lists.
func split(text string) ([]*unstructured.Unstructured, error) {
	var all []*unstructured.Unstructured
	decoder := k8syaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	for number := 1; ; number++ {
		var raw map[string]any
		err := decoder.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("document %d: %w", number, err)
		}
		if len(raw) == 0 {
			continue
		}
		all = append(all, flatten(&unstructured.Unstructured{Object: raw})...)
	}
}

func flatten(o *unstructured.Unstructured) []*unstructured.Unstructured {
	items, isList := o.Object["items"].([]any)
	if !isList || !strings.HasSuffix(o.GetKind(), "List") {
		return []*unstructured.Unstructured{o}
	}
	var all []*unstructured.Unstructured
	for _, item := range items {
		if raw, ok := item.(map[string]any); ok {
			all = append(all, flatten(&unstructured.Unstructured{Object: raw})...)
		}
	}
	return all
}

// standInForKeys keeps istiod from fetching: every rule without inline keys gets a text that names its source.
func standInForKeys(o *unstructured.Unstructured) {
	if o.GetKind() != "RequestAuthentication" {
		return
	}
	rules, _, _ := unstructured.NestedSlice(o.Object, "spec", "jwtRules")
	for _, rule := range rules {
		fields, ok := rule.(map[string]any)
		if !ok {
			continue
		}
		if inline, _ := fields["jwks"].(string); inline != "" {
			continue
		}
		source, _ := fields["jwksUri"].(string)
		if source == "" {
			source, _ = fields["issuer"].(string)
		}
		fields["jwks"] = KeySource + quote(source) + "}"
	}
	if len(rules) > 0 {
		_ = unstructured.SetNestedSlice(o.Object, rules, "spec", "jwtRules")
	}
}

func quote(text string) string {
	out, _ := json.Marshal(text)
	return string(out)
}

// addConfig hands an Istio object to istiod without the checks of admission: what admission refuses can be asked about too.
func (inv *Inventory) addConfig(o *unstructured.Unstructured) error {
	kind := o.GroupVersionKind()
	schema, known := collections.PilotGatewayAPI().FindByGroupVersionAliasesKind(resource.FromKubernetesGVK(&kind))
	if !known {
		return nil
	}
	text, err := json.Marshal(o.Object)
	if err != nil {
		return err
	}
	object := &crd.IstioKind{}
	if err := json.Unmarshal(text, object); err != nil {
		return fmt.Errorf("%s %s/%s: %w", o.GetKind(), o.GetNamespace(), o.GetName(), err)
	}
	made, err := crd.ConvertObject(schema, object, "cluster.local") // without a domain short hosts name nothing
	if err != nil {
		return fmt.Errorf("%s %s/%s: %w", o.GetKind(), o.GetNamespace(), o.GetName(), err)
	}
	if made.CreationTimestamp.IsZero() {
		made.CreationTimestamp = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	inv.Configs = append(inv.Configs, *made)
	return nil
}

// addKubernetes hands an object to istiod's cluster as it is.
func (inv *Inventory) addKubernetes(o *unstructured.Unstructured) error {
	text, err := json.Marshal(o.Object)
	if err != nil {
		return err
	}
	object, _, err := kubelib.IstioCodec.UniversalDeserializer().Decode(text, nil, nil)
	if err != nil {
		return fmt.Errorf("%s %s/%s: %w", o.GetKind(), o.GetNamespace(), o.GetName(), err)
	}
	inv.kubernetes = append(inv.kubernetes, object)
	return nil
}

// typed converts a document to its Kubernetes type.
func typed[T any](o *unstructured.Unstructured) (*T, error) {
	out := new(T)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, out); err != nil {
		return nil, fmt.Errorf("%s %s/%s: %w", o.GetKind(), o.GetNamespace(), o.GetName(), err)
	}
	return out, nil
}
