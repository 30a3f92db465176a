package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

var definitions = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}

// install applies resource definitions and waits until each is served.
func install(ctx context.Context, config *rest.Config, file string) error {
	text, err := os.Open(file)
	if err != nil {
		return err
	}
	defer text.Close()
	// The limits of a polite client would take most of the time of a start.
	config = rest.CopyConfig(config)
	config.QPS = -1
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	var names []string
	decoder := yaml.NewYAMLOrJSONDecoder(text, 1<<20)
	for {
		var object unstructured.Unstructured
		if err := decoder.Decode(&object.Object); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if object.GetKind() != "CustomResourceDefinition" {
			continue
		}
		if _, err := client.Resource(definitions).Apply(ctx, object.GetName(), &object, metav1.ApplyOptions{FieldManager: "istio", Force: true}); err != nil {
			return err
		}
		names = append(names, object.GetName())
	}
	if len(names) == 0 {
		return errors.New("no resource definition is in it")
	}
	for _, name := range names {
		if err := established(ctx, client, name); err != nil {
			return err
		}
	}
	return nil
}

func established(ctx context.Context, client dynamic.Interface, name string) error {
	for {
		object, err := client.Resource(definitions).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		conditions, _, err := unstructured.NestedSlice(object.Object, "status", "conditions")
		if err != nil {
			return err
		}
		for _, condition := range conditions {
			if c, ok := condition.(map[string]any); ok && c["type"] == "Established" && c["status"] == "True" {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not established: %w", name, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
