package identity

import (
	"github.com/spiffe/go-spiffe/v2/spiffeid"

	istio "istio.io/istio/pkg/spiffe"
)

// ID is what go-spiffe and istiod make of a text.
type ID struct {
	// The parts, or why it is no identity.
	TrustDomain string `json:"trustDomain,omitempty"`
	Path        string `json:"path,omitempty"`
	Error       string `json:"error,omitempty"`
	// The text as what a user types for a trust domain.
	Argument      string `json:"argument,omitempty"`
	ArgumentError string `json:"argumentError,omitempty"`
	// Trust domain, namespace and account as istiod's parser sees them.
	Istio []string `json:"istio"`
}

func readID(text string) ID {
	var found ID
	id, err := spiffeid.FromString(text)
	if err == nil {
		found.TrustDomain, found.Path = id.TrustDomain().Name(), id.Path()
	}
	found.Error = words(err)
	domain, err := spiffeid.TrustDomainFromString(text)
	found.Argument, found.ArgumentError = domain.Name(), words(err)
	if identity, err := istio.ParseIdentity(text); err == nil {
		found.Istio = []string{identity.TrustDomain, identity.Namespace, identity.ServiceAccount}
	}
	return found
}
