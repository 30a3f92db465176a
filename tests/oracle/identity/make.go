package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/url"
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/spiffebundle"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
)

// Made is a bundle in both forms, what is in it, and an SVID under its first authority.
type Made struct {
	Name string `json:"name"`
	Bundle
	PEM          string `json:"pem"`
	ID           string `json:"id"`
	Certificates string `json:"certificates"`
	Key          string `json:"key"`
}

type kind struct {
	name string
	make func() (crypto.Signer, error)
}

func curve(curve elliptic.Curve) func() (crypto.Signer, error) {
	return func() (crypto.Signer, error) { return ecdsa.GenerateKey(curve, rand.Reader) }
}

var kinds = []kind{
	{"P-256", curve(elliptic.P256())},
	{"P-384", curve(elliptic.P384())},
	{"P-521", curve(elliptic.P521())},
	{"RSA 2048", func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) }},
	{"Ed25519", func() (crypto.Signer, error) {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}},
}

func makeAll(out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for _, kind := range kinds {
		for authorities := 1; authorities <= 2; authorities++ {
			made, err := makeOne(kind, authorities)
			if err != nil {
				return fmt.Errorf("%s: %w", kind.name, err)
			}
			if err := encoder.Encode(made); err != nil {
				return err
			}
		}
	}
	return nil
}

func makeOne(kind kind, authorities int) (*Made, error) {
	bundle := spiffebundle.New(domain)
	bundle.SetSequenceNumber(uint64(authorities) << 62)
	bundle.SetRefreshHint(time.Duration(authorities) * time.Minute)
	var firstKey crypto.Signer
	var first *x509.Certificate
	for number := range authorities {
		key, err := kind.make()
		if err != nil {
			return nil, err
		}
		certificate, err := certify(authority(number), nil, key.Public(), key)
		if err != nil {
			return nil, err
		}
		bundle.AddX509Authority(certificate)
		if number == 0 {
			firstKey, first = key, certificate
		}
		jwt, err := kind.make()
		if err != nil {
			return nil, err
		}
		if err := bundle.AddJWTAuthority(fmt.Sprintf("key %d", number), jwt.Public()); err != nil {
			return nil, err
		}
	}
	key, err := kind.make()
	if err != nil {
		return nil, err
	}
	id := domain.IDString() + "/ns/default/sa/go"
	leaf, err := certify(workload(id), first, key.Public(), firstKey)
	if err != nil {
		return nil, err
	}
	certificates, keyText, err := (&x509svid.SVID{Certificates: []*x509.Certificate{leaf}, PrivateKey: key}).Marshal()
	if err != nil {
		return nil, err
	}
	roots, err := bundle.X509Bundle().Marshal()
	if err != nil {
		return nil, err
	}
	written, err := bundle.Marshal()
	if err != nil {
		return nil, err
	}
	made := &Made{Name: fmt.Sprintf("%d %s", authorities, kind.name), Bundle: describe(bundle), PEM: string(roots), ID: id}
	made.Written, made.Certificates, made.Key = string(written), string(certificates), string(keyText)
	return made, nil
}

func authority(number int) *x509.Certificate {
	return &x509.Certificate{
		Subject:               pkix.Name{Organization: []string{domain.Name()}, CommonName: fmt.Sprintf("go root %d", number)},
		URIs:                  []*url.URL{domain.ID().URL()},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
}

func workload(id string) *x509.Certificate {
	uri, _ := url.Parse(id)
	return &x509.Certificate{
		URIs:        []*url.URL{uri},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
}

func certify(template, parent *x509.Certificate, key crypto.PublicKey, signer crypto.Signer) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key, signer)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}
