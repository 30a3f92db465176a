package authority

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"time"

	"istio.io/istio/security/pkg/pki/ca"
	"istio.io/istio/security/pkg/pki/util"
)

// credentials are what a sidecar gets for a workload of an authority.
type credentials struct {
	chain, key, roots string
	crl               string // a file, when there is one
	presented         [][]byte
}

// issue follows istiod's CreateCertificate and the agent's generateNewSecret and mergeTrustAnchorBytes.
func issue(authority *ca.IstioCA, files ca.SigningCAFileBundle) (credentials, error) {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	request := must(x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key))
	csr := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: request})
	leaf, err := authority.Sign(csr, ca.CertOpts{SubjectIDs: []string{workload}})
	if err != nil {
		return credentials{}, err
	}
	_, _, chain, roots := authority.GetCAKeyCertBundle().GetAll()
	var elements []string
	for _, part := range []string{string(leaf), string(chain)} {
		for _, one := range util.PemCertBytestoString([]byte(part)) {
			elements = append(elements, one+"\n")
		}
	}
	elements = append(elements, string(roots))
	var text strings.Builder
	for i, element := range elements {
		text.WriteString(element)
		if i < len(elements)-1 && !strings.HasSuffix(element, "\n") {
			text.WriteString("\n")
		}
	}
	anchors := util.PemCertBytestoString(roots)
	sort.Strings(anchors)
	var merged []byte
	for i, anchor := range anchors {
		if i == 0 || anchor != anchors[i-1] {
			merged = util.AppendCertByte(merged, []byte(anchor))
		}
	}
	c := credentials{
		chain: text.String(), roots: string(merged), crl: files.CRLFile,
		key: string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(key))})),
	}
	for rest := []byte(c.chain); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return c, nil
		}
		// A sidecar presents what its library reads: an older label too, and no bytes behind a certificate.
		var certificate asn1.RawValue
		if block.Type == "CERTIFICATE" || block.Type == "X509 CERTIFICATE" {
			if _, err := asn1.Unmarshal(block.Bytes, &certificate); err == nil {
				c.presented = append(c.presented, certificate.FullBytes)
			}
		}
	}
}

// message is a part of an Envoy configuration.
type message map[string]any

// sidecars runs one Envoy for many workloads: each gets a listener that asks clients for certificates and one that
// connects to a server, both with its own credentials.
type sidecars struct {
	dir                 string
	listeners, clusters []message
	ready               []credentials
	command             *exec.Cmd
	answers             net.Listener
}

func (s *sidecars) path(kind string, number int) string {
	return filepath.Join(s.dir, fmt.Sprint(kind, number))
}

func (c credentials) context() message {
	validation := message{
		"trusted_ca":                    message{"inline_string": c.roots},
		"match_typed_subject_alt_names": []message{{"san_type": "URI", "matcher": message{"exact": workload}}},
	}
	if c.crl != "" {
		validation["crl"] = message{"filename": c.crl}
	}
	return message{
		"tls_certificates":   []message{{"certificate_chain": message{"inline_string": c.chain}, "private_key": message{"inline_string": c.key}}},
		"validation_context": validation,
	}
}

func pipe(path string) message { return message{"pipe": message{"path": path}} }

func typed(kind string, m message) message {
	m["@type"] = "type.googleapis.com/" + kind
	return m
}

func forward(cluster string) message {
	return message{"name": "tcp", "typed_config": typed("envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy", message{
		"stat_prefix": "t", "cluster": cluster,
	})}
}

func cluster(name, path string) message {
	return typed("envoy.config.cluster.v3.Cluster", message{
		"name": name, "type": "STATIC", "connect_timeout": "5s",
		"load_assignment": message{"cluster_name": name, "endpoints": []message{{
			"lb_endpoints": []message{{"endpoint": message{"address": pipe(path)}}},
		}}},
	})
}

// add plans a workload and answers its number.
func (s *sidecars) add(c credentials) int {
	number := len(s.ready)
	s.ready = append(s.ready, c)
	tlsType := "envoy.extensions.transport_sockets.tls.v3."
	s.listeners = append(s.listeners, typed("envoy.config.listener.v3.Listener", message{
		"name": fmt.Sprint("server", number), "address": pipe(s.path("server", number)),
		"filter_chains": []message{{
			"filters": []message{forward("ok")},
			"transport_socket": message{"name": "tls", "typed_config": typed(tlsType+"DownstreamTlsContext", message{
				"require_client_certificate": true, "common_tls_context": c.context(),
			})},
		}},
	}), typed("envoy.config.listener.v3.Listener", message{
		"name": fmt.Sprint("client", number), "address": pipe(s.path("client", number)),
		"filter_chains": []message{{"filters": []message{forward(fmt.Sprint("cluster", number))}}},
	}))
	upstream := cluster(fmt.Sprint("cluster", number), s.path("app", number))
	upstream["transport_socket"] = message{"name": "tls", "typed_config": typed(tlsType+"UpstreamTlsContext", message{"common_tls_context": c.context()})}
	s.clusters = append(s.clusters, upstream)
	return number
}

func (s *sidecars) start(binary string) error {
	write := func(name string, m any) {
		must(0, os.WriteFile(filepath.Join(s.dir, name), must(json.Marshal(m)), 0o600))
	}
	answers, err := net.Listen("unix", filepath.Join(s.dir, "ok"))
	if err != nil {
		return err
	}
	s.answers = answers
	go greet(answers)
	s.clusters = append(s.clusters, cluster("ok", filepath.Join(s.dir, "ok")))
	write("lds.json", message{"version_info": "1", "resources": s.listeners})
	write("cds.json", message{"version_info": "1", "resources": s.clusters})
	source := func(name string) message {
		return message{"path_config_source": message{"path": filepath.Join(s.dir, name)}, "resource_api_version": "V3"}
	}
	write("envoy.json", message{
		"node": message{"id": "n", "cluster": "c"}, "admin": message{"address": pipe(filepath.Join(s.dir, "admin"))},
		"dynamic_resources": message{"lds_config": source("lds.json"), "cds_config": source("cds.json")},
	})
	s.command = exec.Command(binary, "-c", filepath.Join(s.dir, "envoy.json"), "--concurrency", "1", "--disable-hot-restart", "-l", "critical")
	s.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.command.Start(); err != nil {
		return err
	}
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true, Dial: func(string, string) (net.Conn, error) {
		return net.Dial("unix", filepath.Join(s.dir, "admin"))
	}}}
	for range 600 {
		if response, err := client.Get("http://admin/ready"); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errors.New("envoy does not get ready")
}

// greet says ok to everybody and waits until they leave.
func greet(on net.Listener) {
	for {
		connection, err := on.Accept()
		if err != nil {
			return
		}
		go func() {
			defer connection.Close()
			_, _ = connection.Write([]byte("ok"))
			_, _ = connection.Read(make([]byte, 1))
		}()
	}
}

func (s *sidecars) stop() {
	if s.answers != nil {
		_ = s.answers.Close()
	}
	if s.command != nil && s.command.Process != nil {
		_ = s.command.Process.Kill()
		_ = s.command.Wait()
	}
	os.RemoveAll(s.dir)
}

// refuses says why the sidecar of this number refuses a workload of its own authority, in either role.
func (s *sidecars) refuses(number int) error {
	c := s.ready[number]
	block, _ := pem.Decode([]byte(c.key))
	own := tls.Certificate{Certificate: c.presented, PrivateKey: must(x509.ParsePKCS8PrivateKey(block.Bytes))}
	if err := s.asServer(number, own); err != nil {
		return fmt.Errorf("as a server: %w", err)
	}
	if err := s.asClient(number, own); err != nil {
		return fmt.Errorf("as a client: %w", err)
	}
	return nil
}

const patience = 10 * time.Second

func (s *sidecars) asServer(number int, own tls.Certificate) error {
	raw, err := net.Dial("unix", s.path("server", number))
	if err != nil {
		return errors.New("envoy refuses the configuration")
	}
	defer raw.Close()
	must(0, raw.SetDeadline(time.Now().Add(patience)))
	connection := tls.Client(raw, &tls.Config{InsecureSkipVerify: true, GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &own, nil }})
	return expectOK(connection)
}

func (s *sidecars) asClient(number int, own tls.Certificate) error {
	on, err := net.Listen("unix", s.path("app", number))
	if err != nil {
		return err
	}
	defer on.Close()
	failed := make(chan error, 1)
	go func() {
		accepted, err := on.Accept()
		if err != nil {
			return
		}
		defer accepted.Close()
		_ = accepted.SetDeadline(time.Now().Add(patience))
		server := tls.Server(accepted, &tls.Config{Certificates: []tls.Certificate{own}, ClientAuth: tls.RequireAnyClientCert})
		if err := server.Handshake(); err != nil {
			failed <- err
			return
		}
		_, _ = server.Write([]byte("ok"))
	}()
	raw, err := net.Dial("unix", s.path("client", number))
	if err != nil {
		return errors.New("envoy refuses the configuration")
	}
	defer raw.Close()
	must(0, raw.SetDeadline(time.Now().Add(patience)))
	if err := expectOK(raw); err != nil {
		select {
		case err := <-failed:
			return err
		default:
			return err
		}
	}
	return nil
}

func expectOK(connection net.Conn) error {
	var answer [2]byte
	for read := 0; read < len(answer); {
		n, err := connection.Read(answer[read:])
		read += n
		if err != nil {
			return err
		}
	}
	if !bytes.Equal(answer[:], []byte("ok")) {
		return errors.New("another answer")
	}
	return nil
}

// proxies asks real Envoys about every authority that istiod accepts, many at a time, and says where one differs from want.
func proxies(binary string, cases []accepted) (passed int, wrong []string) {
	const batch = 60
	for len(cases) > 0 {
		now := cases[:min(batch, len(cases))]
		cases = cases[len(now):]
		s := &sidecars{dir: must(os.MkdirTemp("", "sc"))}
		var numbers []int
		for _, one := range now {
			numbers = append(numbers, s.add(one.credentials))
		}
		if err := s.start(binary); err != nil {
			wrong = append(wrong, err.Error())
			s.stop()
			continue
		}
		for i, number := range numbers {
			refused := s.refuses(number)
			if (refused == nil) == now[i].usable {
				passed++
				continue
			}
			wrong = append(wrong, fmt.Sprintf("seed %d: Envoy %v, expected usable=%v %s\n  done    %s", now[i].seed, refused, now[i].usable, now[i].why, now[i].done))
		}
		s.stop()
	}
	return passed, wrong
}

// accepted is a case that istiod loads, with what is expected of proxies.
type accepted struct {
	seed        uint64
	credentials credentials
	usable      bool
	why, done   string
}
