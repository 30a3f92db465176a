package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"time"

	"istio.io/istio/security/pkg/pki/ca"
)

// workload is the identity that certificates are signed for.
const workload = "spiffe://cluster.local/ns/default/sa/default"

var workloadCSR = sync1(func() []byte {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	der := must(x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key))
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
})

// Sign lets istiod sign a workload's certificate.
func Sign(authority *ca.IstioCA, csr []byte) (string, error) {
	parts, err := authority.SignWithCertChain(csr, ca.CertOpts{SubjectIDs: []string{workload}, TTL: 0})
	if err != nil {
		return "", err
	}
	return parts[0], nil
}

// peer says why Go refuses what istiod signs with this authority, if it does: agents verify istiod's serving certificate,
// and istiod verifies its clients' certificates for both purposes.
func peer(authority *ca.IstioCA, files ca.SigningCAFileBundle, now time.Time) error {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(must(os.ReadFile(files.RootCertFile)))
	serving, _, err := authority.GenKeyCert([]string{istiodName}, 87600*time.Hour, false)
	if err != nil {
		return fmt.Errorf("istiod cannot sign: %w", err)
	}
	if err := verify(serving, roots, now, istiodName, x509.ExtKeyUsageServerAuth); err != nil {
		return err
	}
	client, err := Sign(authority, workloadCSR())
	if err != nil {
		return fmt.Errorf("istiod cannot sign: %w", err)
	}
	for _, usage := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
		if err := verify([]byte(client), roots, now, "", usage); err != nil {
			return err
		}
	}
	return nil
}

const istiodName = "istiod.istio-system.svc"

func verify(chain []byte, roots *x509.CertPool, now time.Time, name string, usage x509.ExtKeyUsage) error {
	block, rest := pem.Decode(chain)
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return fmt.Errorf("istiod's certificate: %w", err)
	}
	intermediates := x509.NewCertPool()
	intermediates.AppendCertsFromPEM(rest)
	_, err = leaf.Verify(x509.VerifyOptions{
		Intermediates: intermediates, Roots: roots, CurrentTime: now, DNSName: name, KeyUsages: []x509.ExtKeyUsage{usage},
	})
	return err
}
