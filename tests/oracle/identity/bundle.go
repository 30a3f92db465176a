package identity

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"sort"
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/spiffebundle"
	"github.com/spiffe/go-spiffe/v2/bundle/x509bundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"

	istio "istio.io/istio/pkg/spiffe"
)

// Document is a bundle as text.
type Document struct {
	Form string `json:"form"` // spiffe or pem
	Text string `json:"text"`
}

// Bundle is what was read from a document.
type Bundle struct {
	Authorities []string `json:"authorities"` // fingerprints in order
	JWT         []string `json:"jwt"`         // key identifiers, sorted
	Sequence    *uint64  `json:"sequence"`
	RefreshHint *int64   `json:"refreshHint"` // seconds
	Written     string   `json:"written"`     // the same bundle as go-spiffe writes it
	Error       string   `json:"error"`
	// What istiod takes from the document when it fetches it.
	Istiod      []string `json:"istiod"`
	IstiodError string   `json:"istiodError"`
}

var domain = spiffeid.RequireTrustDomainFromString("td")

// istiod serves documents to istiod's own fetching code.
type istiod struct {
	server *httptest.Server
	text   string
}

func newIstiod() *istiod {
	asker := &istiod{}
	asker.server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(asker.text))
	}))
	return asker
}

func (asker *istiod) close() { asker.server.Close() }

func (asker *istiod) fetch(text string) ([]string, error) {
	asker.text = text
	trusted := []*x509.Certificate{asker.server.Certificate()}
	pool := x509.NewCertPool()
	pool.AddCert(trusted[0])
	found, err := istio.RetrieveSpiffeBundleRootCerts(map[string]string{domain.Name(): asker.server.URL}, pool, time.Second)
	return fingerprints(found[domain.Name()]), err
}

func (asker *istiod) readBundle(document Document) Bundle {
	var found Bundle
	bundle, err := parse(document)
	if err != nil {
		found.Error = err.Error()
	} else {
		written, err := bundle.Marshal()
		found = describe(bundle)
		found.Written, found.Error = string(written), words(err)
	}
	if document.Form == "spiffe" {
		roots, err := asker.fetch(document.Text)
		found.Istiod, found.IstiodError = roots, words(err)
	}
	return found
}

func parse(document Document) (*spiffebundle.Bundle, error) {
	if document.Form == "spiffe" {
		return spiffebundle.Parse(domain, []byte(document.Text))
	}
	bundle, err := x509bundle.Parse(domain, []byte(document.Text))
	if err != nil {
		return nil, err
	}
	return spiffebundle.FromX509Bundle(bundle), nil
}

func describe(bundle *spiffebundle.Bundle) Bundle {
	found := Bundle{Authorities: fingerprints(bundle.X509Authorities()), JWT: []string{}}
	for id := range bundle.JWTAuthorities() {
		found.JWT = append(found.JWT, id)
	}
	sort.Strings(found.JWT)
	if number, ok := bundle.SequenceNumber(); ok {
		found.Sequence = &number
	}
	if hint, ok := bundle.RefreshHint(); ok {
		seconds := int64(hint / time.Second)
		found.RefreshHint = &seconds
	}
	return found
}

func fingerprints(certificates []*x509.Certificate) []string {
	found := []string{}
	for _, certificate := range certificates {
		sum := sha256.Sum256(certificate.Raw)
		found = append(found, hex.EncodeToString(sum[:]))
	}
	return found
}
