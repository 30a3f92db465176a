package admission

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/webhooks/validation/server"
)

var loadWebhook = sync.OnceValues(func() (http.Handler, error) {
	mux := http.NewServeMux()
	_, err := server.New(server.Options{Schemas: collections.Istio, DomainSuffix: "cluster.local", Mux: mux, Port: 443})
	return mux, err
})

// ask puts an object, as JSON, to istiod's validation webhook.
func ask(webhook http.Handler, object []byte) (*admissionv1.AdmissionResponse, error) {
	review := admissionv1.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"},
		Request: &admissionv1.AdmissionRequest{
			UID:       types.UID("1"),
			Operation: admissionv1.Create,
			Object:    runtime.RawExtension{Raw: object},
		},
	}
	body, err := json.Marshal(review)
	if err != nil {
		return nil, err
	}
	post := httptest.NewRequest(http.MethodPost, "/validate", bytes.NewReader(body))
	post.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	webhook.ServeHTTP(recorder, post)
	if recorder.Code != http.StatusOK {
		return nil, fmt.Errorf("the webhook answered %d: %s", recorder.Code, strings.TrimSpace(recorder.Body.String()))
	}
	var answer admissionv1.AdmissionReview
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
		return nil, err
	}
	if answer.Response == nil {
		return nil, fmt.Errorf("the webhook gave no response: %s", recorder.Body.String())
	}
	return answer.Response, nil
}
