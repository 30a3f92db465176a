package admission

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apiextensions-apiserver/pkg/crdserverscheme"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	kube "k8s.io/apimachinery/pkg/runtime/schema"
	kubeyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"

	"istio.io/istio/manifests"
)

// defaultNamespace is where a client puts an object that names no namespace.
const defaultNamespace = "default"

// definitions is the file of Istio's resource definitions.
const definitions = "charts/base/files/crd-all.gen.yaml"

// apiServer does with an object what an API server does on `create` for the kinds that Istio defines, with strict
// field validation, up to the point where validating webhooks are asked. Left out is what needs a cluster: whether
// the namespace exists, quotas, the size of the request, and that an object with a resourceVersion cannot be created.
type apiServer struct {
	kinds map[kube.GroupVersionKind]*served
}

// served is one version of one kind.
type served struct {
	schema   *schema.Structural
	strategy rest.RESTCreateStrategy
}

var loadAPIServer = sync.OnceValues(func() (*apiServer, error) {
	file, err := manifests.FS.Open(definitions)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	server := &apiServer{kinds: map[kube.GroupVersionKind]*served{}}
	decoder := kubeyaml.NewYAMLOrJSONDecoder(file, 512*1024)
	for {
		var object unstructured.Unstructured
		if err := decoder.Decode(&object); errors.Is(err, io.EOF) {
			return server, nil
		} else if err != nil {
			return nil, err
		}
		if object.GetKind() != "CustomResourceDefinition" {
			continue
		}
		if err := server.add(object.Object); err != nil {
			return nil, fmt.Errorf("%s: %w", object.GetName(), err)
		}
	}
})

func (s *apiServer) add(object map[string]any) error {
	var external apiextensionsv1.CustomResourceDefinition
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object, &external); err != nil {
		return err
	}
	var definition apiextensions.CustomResourceDefinition
	if err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(&external, &definition, nil); err != nil {
		return err
	}
	for _, version := range definition.Spec.Versions {
		if !version.Served {
			continue
		}
		// The conversion moves what all versions share to the top.
		described := version.Schema
		if described == nil {
			described = definition.Spec.Validation
		}
		subresources := version.Subresources
		if subresources == nil {
			subresources = definition.Spec.Subresources
		}
		validator, _, err := validation.NewSchemaValidator(described.OpenAPIV3Schema)
		if err != nil {
			return err
		}
		structural, err := schema.NewStructural(described.OpenAPIV3Schema)
		if err != nil {
			return err
		}
		var status *apiextensions.CustomResourceSubresourceStatus
		if subresources != nil {
			status = subresources.Status
		}
		gvk := kube.GroupVersionKind{Group: definition.Spec.Group, Version: version.Name, Kind: definition.Spec.Names.Kind}
		s.kinds[gvk] = &served{
			schema: structural,
			strategy: customresource.NewStrategy(crdserverscheme.NewUnstructuredObjectTyper(),
				definition.Spec.Scope == apiextensions.NamespaceScoped, gvk, validator, nil, structural, status, nil, nil),
		}
	}
	return nil
}

// create returns the object as webhooks get to see it.
func (s *apiServer) create(text []byte) (*unstructured.Unstructured, error) {
	decoded, gvk, err := unstructured.UnstructuredJSONScheme.Decode(text, nil, nil)
	if err != nil {
		return nil, err
	}
	object, ok := decoded.(*unstructured.Unstructured)
	if !ok {
		return nil, errors.New("a list is no object")
	}
	kind, ok := s.kinds[*gvk]
	if !ok {
		return nil, fmt.Errorf("no matches for kind %q in version %q", gvk.Kind, object.GetAPIVersion())
	}
	// A client writes the namespace into the object, and asks for that namespace.
	if namespace, found, err := unstructured.NestedFieldNoCopy(object.Object, "metadata", "namespace"); err == nil && (!found || namespace == nil || namespace == "") {
		if err := unstructured.SetNestedField(object.Object, defaultNamespace, "metadata", "namespace"); err != nil {
			return nil, err
		}
	}
	if err := kind.decode(object); err != nil {
		return nil, err
	}
	rest.WipeObjectMetaSystemFields(object)
	rest.FillObjectMetaSystemFields(object)
	// The server keeps its own account of them.
	object.SetManagedFields(nil)
	object.SetOwnerReferences(unique(object.GetOwnerReferences()))
	if object.GetName() == "" && object.GetGenerateName() != "" {
		object.SetName(kind.strategy.GenerateName(object.GetGenerateName()))
	}
	ctx := request.WithNamespace(context.Background(), object.GetNamespace())
	if err := rest.BeforeCreate(kind.strategy, ctx, object); err != nil {
		return nil, err
	}
	return object, nil
}

// decode makes of the object what decoding with strict field validation makes of it: metadata is read as such,
// unknown fields refuse, nulls go where the schema does not ask for them, defaults are filled in.
func (k *served) decode(object *unstructured.Unstructured) error {
	strict := schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	meta, found, unknown, err := objectmeta.GetObjectMetaWithOptions(object.Object, objectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true})
	if err != nil {
		return err
	}
	unknown = append(unknown, pruning.PruneWithOptions(object.Object, k.schema, true, strict)...)
	defaulting.PruneNonNullableNullsWithoutDefaults(object.Object, k.schema)
	failure, more := objectmeta.CoerceWithOptions(nil, object.Object, k.schema, false, objectmeta.CoerceOptions{ReturnUnknownFieldPaths: true})
	if failure != nil {
		return failure
	}
	unknown = append(unknown, more...)
	if len(unknown) > 0 {
		return fmt.Errorf("strict decoding error: unknown fields %q", unknown)
	}
	if found {
		if err := objectmeta.SetObjectMeta(object.Object, meta); err != nil {
			return err
		}
	}
	defaulting.Default(object.Object, k.schema)
	return nil
}

// unique drops repeated references, as the server does before it looks at them.
func unique(references []metav1.OwnerReference) []metav1.OwnerReference {
	var kept []metav1.OwnerReference
	var seen [][]byte
next:
	for _, reference := range references {
		text, err := json.Marshal(reference)
		if err != nil {
			return references
		}
		for _, other := range seen {
			if bytes.Equal(other, text) {
				continue next
			}
		}
		seen, kept = append(seen, text), append(kept, reference)
	}
	return kept
}
