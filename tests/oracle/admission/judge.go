// Package admission asks the code that stands behind `kubectl apply` whether it takes an object: the API server's
// library with Istio's resource definitions, and istiod's validation webhook.
//
// Three answers are given for a document:
//
//   - acceptedByApiServer: the API server, with the strict field validation that kubectl asks for.
//   - acceptedByIstiod: the webhook alone, about the object as sigs.k8s.io/yaml reads it, before the API server
//     prunes it: nulls, unknown fields and status included. The namespace is filled in, as every client does.
//   - accepted: both gates, one after the other. The webhook is asked about what the API server left: nulls and
//     status are gone by then.
//
// Warnings are those of the webhook about what the API server left, or about the object as written when the API
// server refuses it. A refusing webhook warns about nothing.
//
// YAML is read as kubectl reads it: of a key that is written twice the last one counts. What is no YAML, or no
// mapping, is accepted by nobody.
package admission

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	admissionv1 "k8s.io/api/admission/v1"
	"sigs.k8s.io/yaml"

	"istio.io/istio/pkg/log"
)

// Question is a document.
type Question struct {
	ID   json.RawMessage `json:"id,omitempty"`
	YAML string          `json:"yaml"`
}

// Answer is what the real gates say about a document.
type Answer struct {
	ID                  json.RawMessage `json:"id,omitempty"`
	Accepted            bool            `json:"accepted"`
	AcceptedByAPIServer bool            `json:"acceptedByApiServer"`
	AcceptedByIstiod    bool            `json:"acceptedByIstiod"`
	Warnings            []string        `json:"warnings"`
	APIServerMessage    string          `json:"apiServerMessage,omitempty"`
	// IstiodMessage is about the object as written.
	IstiodMessage string `json:"istiodMessage,omitempty"`
	// LaterMessage is about what the API server left, when istiod refuses that.
	LaterMessage string `json:"laterMessage,omitempty"`
}

// Gates are the real gates. They may be used by one goroutine at a time.
type Gates struct {
	server  *apiServer
	webhook http.Handler
}

// Load starts the gates.
func Load() (*Gates, error) {
	quiet()
	server, err := loadAPIServer()
	if err != nil {
		return nil, err
	}
	webhook, err := loadWebhook()
	return &Gates{server: server, webhook: webhook}, err
}

// quiet ends the logs of istiod's code.
func quiet() {
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
}

// Judge asks both gates about a document.
func (g *Gates) Judge(text string) (Answer, error) {
	answer := Answer{Warnings: []string{}}
	object, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		answer.APIServerMessage, answer.IstiodMessage = err.Error(), err.Error()
		return answer, nil
	}
	alone, err := g.ask(namespaced(object))
	if err != nil {
		return answer, fmt.Errorf("%w: %s", err, text)
	}
	answer.AcceptedByIstiod, answer.Warnings = alone.Allowed, append(answer.Warnings, alone.Warnings...)
	if alone.Result != nil {
		answer.IstiodMessage = alone.Result.Message
	}
	left, err := g.server.create(object)
	if err != nil {
		answer.APIServerMessage = err.Error()
		return answer, nil
	}
	answer.AcceptedByAPIServer = true
	pruned, err := left.MarshalJSON()
	if err != nil {
		return answer, err
	}
	later, err := g.ask(pruned)
	if err != nil {
		return answer, fmt.Errorf("%w: %s", err, text)
	}
	answer.Accepted, answer.Warnings = later.Allowed, append([]string{}, later.Warnings...)
	if later.Result != nil {
		answer.LaterMessage = later.Result.Message
	}
	return answer, nil
}

// ask puts an object to the webhook. The localities of a distribution are checked in an order that changes from one
// time to the next; what is refused in one order counts as refused.
func (g *Gates) ask(object []byte) (*admissionv1.AdmissionResponse, error) {
	times := 1
	if bytes.Contains(object, []byte(`"distribute"`)) {
		times = 40
	}
	for range times - 1 {
		response, err := ask(g.webhook, object)
		if err != nil || !response.Allowed {
			return response, err
		}
	}
	return ask(g.webhook, object)
}

// namespaced fills in the namespace where the object has metadata and no namespace.
func namespaced(object []byte) []byte {
	var tree map[string]json.RawMessage
	if json.Unmarshal(object, &tree) != nil {
		return object
	}
	var metadata map[string]json.RawMessage
	if json.Unmarshal(tree["metadata"], &metadata) != nil || metadata == nil {
		return object
	}
	if present := metadata["namespace"]; len(present) != 0 && string(present) != "null" && string(present) != `""` {
		return object
	}
	metadata["namespace"] = json.RawMessage(`"` + defaultNamespace + `"`)
	changed, err := json.Marshal(metadata)
	if err != nil {
		return object
	}
	tree["metadata"] = changed
	if whole, err := json.Marshal(tree); err == nil {
		return whole
	}
	return object
}
