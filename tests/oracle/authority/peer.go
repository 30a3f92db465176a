package authority

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
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

// peer says why the other end of a connection refuses a workload of this authority, if it does.
//
// It is Go's verifier for both TLS purposes, with what Envoy adds: a file with a block that is no readable certificate is
// refused as a whole, and with a revocation list every authority of the path, root included, needs a current one.
func peer(authority *ca.IstioCA, files ca.SigningCAFileBundle, now time.Time) error {
	text, err := Sign(authority, workloadCSR())
	if err != nil {
		return fmt.Errorf("istiod cannot sign: %w", err)
	}
	rootText := must(os.ReadFile(files.RootCertFile))
	block, chainText := pem.Decode([]byte(text))
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return fmt.Errorf("istiod's certificate: %w", err)
	}
	for _, text := range [][]byte{chainText, rootText} {
		if err := allCertificates(text); err != nil {
			return err
		}
	}
	intermediates, roots := x509.NewCertPool(), x509.NewCertPool()
	intermediates.AppendCertsFromPEM(chainText)
	roots.AppendCertsFromPEM(rootText)
	var chains [][]*x509.Certificate
	for _, usage := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
		found, err := leaf.Verify(x509.VerifyOptions{
			Intermediates: intermediates, Roots: roots, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{usage},
		})
		if err != nil {
			return err
		}
		chains = append(chains, found...)
	}
	if files.CRLFile == "" {
		return nil
	}
	lists := must(os.ReadFile(files.CRLFile))
	if len(lists) == 0 {
		return nil
	}
	return revocation(chains, lists, now)
}

// allCertificates refuses a text in which not every block is a certificate.
func allCertificates(text []byte) error {
	begun := bytes.Count(text, []byte("-----BEGIN "))
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		text = rest
		if block.Type != "CERTIFICATE" {
			return fmt.Errorf("a block %q among certificates", block.Type)
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return err
		}
		begun--
	}
	if begun != 0 {
		return errors.New("a damaged block among certificates")
	}
	return nil
}

// revocation follows Envoy: one good chain is enough.
func revocation(chains [][]*x509.Certificate, text []byte, now time.Time) error {
	var lists []*x509.RevocationList
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		text = rest
		if block.Type != "X509 CRL" {
			continue
		}
		list, err := x509.ParseRevocationList(block.Bytes)
		if err != nil {
			return err
		}
		lists = append(lists, list)
	}
	if len(lists) == 0 {
		return errors.New("no revocation list found")
	}
	var last error
	for _, chain := range chains {
		if last = chainRevocation(chain, lists, now); last == nil {
			return nil
		}
	}
	return last
}

func chainRevocation(chain []*x509.Certificate, lists []*x509.RevocationList, now time.Time) error {
	for i, certificate := range chain {
		var issuer *x509.Certificate
		switch {
		case i+1 < len(chain):
			issuer = chain[i+1]
		case bytes.Equal(certificate.RawIssuer, certificate.RawSubject):
			issuer = certificate
		default:
			return errors.New("the anchor's own issuer is not known")
		}
		list := choose(certificate, lists, now)
		if list == nil {
			return fmt.Errorf("no current list of %s", issuer.Subject)
		}
		if err := list.CheckSignatureFrom(issuer); err != nil {
			return err
		}
		if critical(list.Extensions) {
			return errors.New("an unknown critical extension")
		}
		for _, entry := range list.RevokedCertificateEntries {
			if entry.SerialNumber.Cmp(certificate.SerialNumber) == 0 && entry.ReasonCode != 8 {
				return fmt.Errorf("%s is revoked", certificate.Subject)
			}
		}
	}
	return nil
}

// choose takes the first current list in the issuer's name.
func choose(certificate *x509.Certificate, lists []*x509.RevocationList, now time.Time) *x509.RevocationList {
	for _, list := range lists {
		current := !list.ThisUpdate.After(now) && (list.NextUpdate.IsZero() || list.NextUpdate.After(now))
		if current && bytes.Equal(list.RawIssuer, certificate.RawIssuer) {
			return list
		}
	}
	return nil
}

func critical(extensions []pkix.Extension) bool {
	for _, extension := range extensions {
		id := extension.Id.String()
		known := id == "2.5.29.20" || id == "2.5.29.27" || id == "2.5.29.28" || id == "2.5.29.35"
		if extension.Critical && !known {
			return true
		}
	}
	return false
}
