package admission

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"time"

	"istio.io/istio/manifests"
)

// endpoint is where an API server finds the webhook, and what it must trust.
type endpoint struct {
	URL      string `json:"url"`
	CABundle string `json:"caBundle"`
}

// serveCommand is istiod's validation webhook behind TLS, for a real API server, until the input closes.
func serveCommand(args []string, in io.Reader, out io.Writer) (int, error) {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	address := flags.String("listen", "127.0.0.1:0", "`address`")
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	if flags.NArg() > 0 {
		return 2, errors.New(usage)
	}
	quiet()
	webhook, err := loadWebhook()
	if err != nil {
		return 3, err
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		return 3, err
	}
	host := listener.Addr().(*net.TCPAddr)
	certificate, bundle, err := selfSigned(host.IP)
	if err != nil {
		return 3, err
	}
	server := http.Server{
		Handler:   webhook,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}},
		// A caller that goes away in the middle is no news.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.ServeTLS(listener, "", "") }()
	closed := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, in)
		close(closed)
	}()
	if err := json.NewEncoder(out).Encode(endpoint{"https://" + host.String() + "/validate", bundle}); err != nil {
		return 3, err
	}
	select {
	case err := <-ended:
		return 3, err
	case <-closed:
		return 0, server.Close()
	}
}

// selfSigned is a certificate for an address, and the same as PEM.
func selfSigned(address net.IP) (tls.Certificate, string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	template := x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "istiod"},
		IPAddresses:           []net.IP{address},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, string(text), nil
}

// definitionsCommand prints Istio's resource definitions, of the version whose code judges here.
func definitionsCommand(out io.Writer) (int, error) {
	text, err := manifests.FS.ReadFile(definitions)
	if err != nil {
		return 3, err
	}
	_, err = out.Write(text)
	return 0, err
}
