package envoy

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Identity is a certificate with its key, as PEM for Envoy and ready for Go's TLS.
type Identity struct {
	Chain, Key string
	TLS        tls.Certificate
}

// Authority signs identities: one for the mesh, one that the mesh does not trust.
type Authority struct {
	PEM    string
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
	lock   sync.Mutex
	issued map[string]*Identity
}

// NewAuthority makes a root that lives as long as the process.
func NewAuthority(name string) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name, Organization: []string{"oracle"}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(240 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &Authority{PEM: block("CERTIFICATE", der), cert: cert, key: key, issued: map[string]*Identity{}}, err
}

// Issue gives the certificate of a name: several URIs separated by commas, `<trust domain>/ns/..` without scheme, or a DNS name.
func (a *Authority) Issue(name string) (*Identity, error) {
	a.lock.Lock()
	defer a.lock.Unlock()
	if known, ok := a.issued[name]; ok {
		return known, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		NotBefore:    time.Now().Add(-time.Hour), NotAfter: time.Now().Add(200 * time.Hour),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	for one := range strings.SplitSeq(name, ",") {
		if one == "" {
			continue
		}
		if !strings.Contains(one, "://") && !strings.Contains(one, "/") {
			template.DNSNames = append(template.DNSNames, one)
			continue
		}
		uri, err := url.Parse(spiffe(one))
		if err != nil {
			return nil, err
		}
		template.URIs = append(template.URIs, uri)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	id := &Identity{Chain: block("CERTIFICATE", der), Key: block("PRIVATE KEY", private)}
	if id.TLS, err = tls.X509KeyPair([]byte(id.Chain), []byte(id.Key)); err != nil {
		return nil, err
	}
	a.issued[name] = id
	return id, nil
}

func spiffe(name string) string {
	if strings.Contains(name, "://") {
		return name
	}
	return "spiffe://" + name
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
