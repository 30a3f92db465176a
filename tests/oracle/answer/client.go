package answer

import (
	"fmt"
	"net/netip"
	"strings"

	"oracle/envoy"
	"oracle/istiod"
	"oracle/scenario"
)

// clientSide says what the caller puts on the wire: what the scenario demands, what its proxy is told, or plain bytes.
func (w *world) clientSide(p *plan, from caller, to target, host string) (istiod.ClientSide, error) {
	mode, sni := "auto", ""
	if t := p.s.TLS; t != nil {
		if t.Mode != "" {
			mode = t.Mode
		}
		sni = t.SNI
	}
	side := istiod.ClientSide{Mode: istiod.Plaintext}
	if mode == "auto" && !from.sidecar && p.s.From != nil && p.s.From.Principal != "" {
		mode = "mutual" // a plain client that holds this certificate uses it
	}
	switch mode {
	case "auto":
		if !from.sidecar || !from.workload.Captures(to.port) {
			break // what the application says goes out unchanged
		}
		proxy, err := w.server.Proxy(from.workload)
		if err != nil {
			return side, err
		}
		if to.service == nil {
			side = proxy.UnknownHost()
			break
		}
		if side, err = proxy.ClientSide(to.service.Host, to.port, p.s.To.Subset, to.workload.IP, to.inside); err != nil {
			return side, err
		}
		if side.Mode != istiod.Plaintext && side.SNI == "" && side.AutoSNI && p.protocol != "tcp" { // only an HTTP router knows a host
			side.SNI = bareHost(host)
		}
	case "disable":
	case "simple":
		side = istiod.ClientSide{Mode: istiod.Simple, SNI: bareHost(host)}
	case "mutual":
		side = istiod.ClientSide{Mode: istiod.Mutual, SNI: bareHost(host), OwnCert: true}
	case "istio-mutual":
		side = istiod.ClientSide{Mode: istiod.IstioMutual}
		if to.service != nil {
			side.SNI = fmt.Sprintf("outbound_.%d_.%s_.%s", to.port, p.s.To.Subset, to.service.Host)
		}
	default:
		return side, fmt.Errorf("tls mode %q is unknown", mode)
	}
	if sni != "" {
		side.SNI = sni
	}
	if side.Mode == istiod.IstioMutual {
		side.ALPN = offered(p.protocol, to, side.ALPN)
	} else if p.protocol == "http2" || p.protocol == "grpc" {
		if mode != "auto" && side.Mode != istiod.Plaintext {
			side.ALPN = []string{"h2"}
		}
	}
	return side, nil
}

// offered is what an Istio proxy offers: HTTP traffic names its version, other traffic only Istio.
func offered(protocol string, to target, cluster []string) []string {
	declaredTCP := to.declared.IsTCP()
	switch {
	case declaredTCP || (protocol == "tcp" && !to.declared.IsHTTP()):
		if len(cluster) > 0 {
			return cluster
		}
		return []string{"istio-peer-exchange", "istio"}
	case protocol == "http2" || protocol == "grpc":
		return []string{"istio-h2", "istio", "h2"}
	default:
		return []string{"istio-http/1.1", "istio", "http/1.1"}
	}
}

// bareHost is the name without a port; addresses are no server names.
func bareHost(host string) string {
	if at := strings.LastIndexByte(host, ':'); at >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:at]
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return ""
	}
	return host
}

// dress gives the connection its certificate and checks.
func (w *world) dress(p *plan, from caller) error {
	if p.side.Mode == istiod.Plaintext || p.side.Mode == "" {
		return nil
	}
	t := &envoy.TLS{SNI: p.side.SNI, ALPN: p.side.ALPN, Names: p.side.Names, MeshOnly: p.side.Mode == istiod.IstioMutual}
	p.dial.TLS = t
	var err error
	switch {
	case p.side.Mode == istiod.Simple:
	case p.side.Mode == istiod.Mutual && !p.side.OwnCert:
		p.client = "client.foreign"
		t.Identity, err = w.foreign.Issue(p.client)
	case from.principal != "":
		p.client = from.principal
		t.Identity, err = w.mesh.Issue(p.client)
	}
	return err
}

// bare answers for a workload without a proxy: only the ways to speak have to fit.
func (p *plan) bare() {
	p.done = true
	tls := p.dial.TLS != nil
	p.answer.Raw = "no proxy in front of the application"
	switch {
	case tls != p.appTLS, p.side.Mode == istiod.IstioMutual:
		p.answer.Verdict = scenario.ConnectionFailed
	default:
		p.answer.Verdict = scenario.Allowed
		p.answer.HTTPStatus = p.reached()
	}
}

// reached is the status of a request that arrives.
func (p *plan) reached() *int {
	if p.protocol == "tcp" {
		return nil
	}
	status := 200
	return &status
}
