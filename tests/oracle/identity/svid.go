package identity

import (
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/x509bundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
)

// Given is a certificate chain with its key, and the bundle to verify it with.
type Given struct {
	Certificates string    `json:"certificates"` // PEM, the leaf first
	Key          string    `json:"key"`          // PEM
	Form         string    `json:"form"`         // of the bundle: spiffe or pem
	Bundle       string    `json:"bundle"`
	TrustDomain  string    `json:"trustDomain"`
	At           time.Time `json:"at"`
}

// Verified is what go-spiffe says to it.
type Verified struct {
	ID          string `json:"id"`
	LoadError   string `json:"loadError"`
	VerifyError string `json:"verifyError"`
	Chains      int    `json:"chains"`
}

func verifySVID(given Given) Verified {
	bundle, err := given.bundle()
	if err != nil {
		return Verified{LoadError: "bundle: " + err.Error(), VerifyError: "bundle: " + err.Error()}
	}
	svid, err := x509svid.Parse([]byte(given.Certificates), []byte(given.Key))
	if err != nil {
		return Verified{LoadError: err.Error(), VerifyError: "not loaded"}
	}
	id, chains, err := x509svid.Verify(svid.Certificates, bundle, x509svid.WithTime(given.At))
	return Verified{ID: id.String(), VerifyError: words(err), Chains: len(chains)}
}

func (given Given) bundle() (*x509bundle.Bundle, error) {
	domain, err := spiffeid.TrustDomainFromString(given.TrustDomain)
	if err != nil {
		return nil, err
	}
	bundle, err := parse(Document{Form: given.Form, Text: given.Bundle})
	if err != nil {
		return nil, err
	}
	return x509bundle.FromX509Authorities(domain, bundle.X509Authorities()), nil
}
